import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectMaster, type MasterOptions } from "../connect.ts";
import { certificate, certificateKey } from "./certificate.fixture.ts";

const server = createServer({ cert: certificate, key: certificateKey }, (_, response) => {
  response.setHeader("X-Jenkins", "2.541.3").end('{"items":[]}');
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function readQueue(more: Partial<MasterOptions>): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  const auth = { kind: "token", read: async () => "sesame" } as const;
  const master = connectMaster({ name: "backend", url: `https://127.0.0.1:${port}/`, user: "u", auth, ...more });
  try {
    return (await master.readQueue()).items;
  } finally {
    master.close();
  }
}

test("a certificate of nobody known is refused, with the remedy", async () => {
  await expect(readQueue({})).rejects.toMatchObject({
    code: "master-unavailable",
    message: expect.stringMatching(/certificate that is not trusted .*tls\.ca/),
  });
});

test.each([[{ caPem: certificate }], [{ insecureSkipVerify: true }]])("it is accepted with %o", async (more) => {
  expect(await readQueue(more)).toEqual([]);
});
