// Package connector is the way in to Workflows connectors: their definition, their flows, their runs and their tests.
//
// Its one rule: a connector is text. It is read, checked and run from a folder or a file alone, without a database and
// without an account, and what is found says where it stands. The rooms below it own one part each: value what connectors
// compute with, program what both front ends compile to, flopack the files of exported flows, definition connector.yaml,
// engine the running.
package connector
