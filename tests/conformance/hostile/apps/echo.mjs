// Node's HTTP server: answers with what it saw, and tells it line by line on standard output.
import { createServer } from "node:http";
import process from "node:process";

const server = createServer((request, response) => {
  const pieces = [];
  request.on("error", () => {});
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const { method, url: target } = request;
    const body = Buffer.concat(pieces).toString("latin1");
    const echo = ascii({ method, target, body });
    console.log(echo);
    response.setHeader("content-length", echo.length);
    response.end(echo);
  });
});

function ascii(message) {
  return JSON.stringify(message).replace(
    /[\x80-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

server.listen(0, "127.0.0.1", () => console.log(`${server.address().port}`));
process.stdin.resume().once("end", () => process.exit(0));
