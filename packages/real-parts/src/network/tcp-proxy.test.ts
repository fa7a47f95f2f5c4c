import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { startTcpProxy } from "./tcp-proxy.ts";

/** A server that says back in one piece what it is told, and the way to it. */
async function opened() {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startTcpProxy((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });
  return proxy;
}

async function speak(port: number): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let said = "";
  socket
    .on("error", () => undefined)
    .on("data", (data) => {
      said += data.toString();
    });
  await once(socket, "connect");
  return { socket, said: () => said };
}

test("what is said passes, is held up, and passes again", async () => {
  const proxy = await opened();
  const { socket, said } = await speak(proxy.port);
  socket.write("one");
  await vi.waitFor(() => expect(said()).toBe("one"));
  expect(proxy.connections()).toBe(1);
  proxy.stall();
  socket.write("two");
  const other = await speak(proxy.port);
  other.socket.write("three");
  await vi.waitFor(() => expect(proxy.connections()).toBe(2));
  expect([said(), other.said()]).toEqual(["one", ""]);
  proxy.flow();
  await vi.waitFor(() => expect([said(), other.said()]).toEqual(["onetwo", "three"]));
});

test.each([
  ["half", "ab"],
  ["rubbish", "\0\u0001\u0002\n!!\n.\n"],
  ["web page", "HTTP/1.1 400 Bad Request\r\n\r\n"],
] as const)("an answer is spoilt: %s", async (how, expected) => {
  const proxy = await opened();
  proxy.spoil(how);
  const { socket, said } = await speak(proxy.port);
  socket.write("abcd");
  await once(socket, "close");
  expect(said()).toBe(expected);
  proxy.flow();
  const next = await speak(proxy.port);
  next.socket.write("abcd");
  await vi.waitFor(() => expect(next.said()).toBe("abcd"));
});

test("an answer that never ends goes on for as long as it is read", async () => {
  const proxy = await opened();
  proxy.spoil("endless");
  const { socket, said } = await speak(proxy.port);
  socket.write("abcd");
  await vi.waitFor(() => expect(said().length).toBeGreaterThan(4 << 20));
  socket.destroy();
  await vi.waitFor(() => expect(proxy.connections()).toBe(0));
});

test("connections are cut and refused, and taken again at the same port", async () => {
  const proxy = await opened();
  const { socket } = await speak(proxy.port);
  await proxy.refuse();
  if (!socket.closed) await once(socket, "close");
  const late = connect(proxy.port, "127.0.0.1");
  const [error] = await once(late, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
  await proxy.accept();
  const { socket: again, said } = await speak(proxy.port);
  again.write("one");
  await vi.waitFor(() => expect(said()).toBe("one"));
});
