// What every peer does alike: it listens on a free loopback port, prints its base URL as its first line, and ends when
// its standard input does, so that it never outlives the test that started it.
import http from "node:http";

// serve asks build for the request handler once the origin is known, since a server may put it into its answers.
export function serve(path, build) {
  const server = http.createServer();
  server.listen(0, "127.0.0.1", () => {
    const origin = `http://127.0.0.1:${server.address().port}`;
    server.on("request", build(origin));
    console.log(origin + path);
  });
  process.stdin.resume().on("end", () => process.exit(0));
}

// token is the bearer token that the test chose.
export const token = process.env.PEER_TOKEN;
