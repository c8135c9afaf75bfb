package scaffold

import (
	"cmp"
	"strings"
)

// small writes both files without a document: as much as explains the format.
func small(o Options) Files {
	key := cmp.Or(o.Key, keyOf(o.Name, o.Folder))
	name := cmp.Or(line(o.Name, 100), labelOf(o.Folder))
	fill := strings.NewReplacer("{KEY}", key, "{NAME}", oneLine(name, false), "{WORKS}", oneLine("Works with "+name+".", false), "{COMMENT}", name)
	return Files{Connector: []byte(fill.Replace(smallConnector)), Suite: []byte(fill.Replace(smallSuite)), Report: Report{Key: key, Actions: 1}}
}

const smallConnector = `# The connector of {COMMENT}: how to connect to its API, and what it can do.
#
# Look for “To decide”: there a person has to. docs/connectors/guide.md explains everything else.
apiVersion: slipway.dev/v1
kind: Connector

# Who the connector is. The key never changes.
metadata:
  key: {KEY}
  name: {NAME}
  description: {WORKS}

# How a customer connects. Texts in ${ } are expressions; conn is what the customer has entered.
connection:
  # To decide: what paths are joined to, and every host that may be asked.
  baseUrl: https://api.example.com/v1
  allowedHosts: [api.example.com]
  auth:
    # To decide: the way to connect. There are basic, custom, oauth2-client, oauth2-code and none.
    - id: token
      label: API token
      type: custom
      fields:
        - { key: api_token, label: API token, type: secret }
      # What is put on every request.
      apply: { headers: { Authorization: "Bearer ${ conn.api_token }" } }
  retry: { on: [429, 502, 503, 504], max: 3, honorRetryAfter: true, maxWait: 60s }
  # What statuses of the API mean.
  errors:
    401: { type: INVALID_CREDENTIALS }
    404: { type: RESOURCE_NOT_FOUND }
    429: { type: RATE_LIMIT_EXCEEDED }
  # Whether a connection works. To decide: a request that works with good credentials and with no others.
  ping:
    http: { method: GET, path: /me }
    ok: ${ res.status == 200 }
    message: Connected as ${ res.body.email }.

# What the connector can do. To keep users and groups in step, an action says “implements” and the id of a contract,
# such as provisioning.listUsers, and takes and gives what that one promises.
actions:
  - name: Get User
    description: Reads one user.
    inputs:
      - { key: user_id, label: User ID, type: text, required: true }
    outputs:
      - { key: email, label: Email, type: text }
    steps:
      # An answer has status, headers and body; later steps find it under the step's id.
      - id: got
        http: { method: GET, path: "/users/${ input.user_id }" }
      - return: { email: "${ steps.got.body.email }" }
`

const smallSuite = `# The suite of the connector of {COMMENT}. A case calls actions and asserts; a negative one says which error has to come.
apiVersion: slipway.dev/v1
kind: TestSuite
connector: {KEY}

cases:
  - id: TC001
    title: A user is read
    covers: [Get User]
    steps:
      - id: got
        action: Get User
        # To decide: the ID of a user who exists in the account that you test with.
        with: { user_id: "1" }
      - assert: ${ steps.got.email != '' }

  - id: TC002
    title: An empty ID is refused
    kind: negative
    covers: [Get User]
    steps:
      - action: Get User
        with: { user_id: "" }
        expectError: { status: 400 }
`
