package engine

var refusedRows = []row{
	{says: "is refused, with the reason", op: "utility/exportFlo", fails: "is not supported. It exports a flow of the network", kind: Unsupported},
	{says: "is refused, with the reason", op: "app/stash/readTable", fails: "is not supported. It gives the columns of a table", kind: Unsupported},
	{says: "is refused, with the reason", op: "http/paginate", fails: "is not supported. Its form in an export is not known", kind: Unsupported},
	{says: "is refused, with the reason", op: "app/stash/exportToCSV", fails: "is not supported. It writes the columns of a table", kind: Unsupported},
}
