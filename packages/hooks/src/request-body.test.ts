import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { readBody } from "./request-body.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A request whose sender said that a body of nine bytes comes, and the sender's end of the connection. */
async function requested(): Promise<{ request: IncomingMessage; sender: Socket }> {
  const server = createServer();
  servers.push(server);
  const came = new Promise<IncomingMessage>((resolve) => server.once("request", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sender = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sender.on("error", () => undefined);
  sender.write("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n12345");
  return { request: await came, sender };
}

test("a body is read whole", async () => {
  const { request, sender } = await requested();
  const body = readBody(request);
  sender.write("6789");
  expect((await body).toString()).toBe("123456789");
  sender.destroy();
});

test("a sender that goes away in the middle is noticed", async () => {
  const { request, sender } = await requested();
  const body = readBody(request);
  sender.destroy();
  expect(await body).toBe("cut off");
});

test("so is one that went away before anybody read: it would be waited for without end", async () => {
  const { request, sender } = await requested();
  const gone = new Promise((resolve) => request.once("close", resolve));
  request.once("error", () => undefined);
  sender.destroy();
  await gone;
  expect(await readBody(request)).toBe("cut off");
});
