function letters(n)
{
    var out = ""
    for (var i = 0; i < n; i++)
        out += "abcdefghijklmnopqrstuvwxyz".charAt(Math.floor(Math.random() * 26))
    return out
}

var given = "Ada" + letters(3)
variables.set("newGivenName", given)
variables.set("newUserName", given + "." + letters(8) + "@example.com")
