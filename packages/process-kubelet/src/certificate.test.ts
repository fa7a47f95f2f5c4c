import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { expect, test } from "vitest";
import { der, selfSigned } from "./certificate.ts";

test.each([
  [0, "3000"],
  [127, "307f"],
  [128, "308180"],
  [255, "3081ff"],
  [256, "30820100"],
])("%i bytes are announced as %s", (length, header) => {
  expect(der(0x30, Buffer.alloc(length)).toString("hex").slice(0, header.length)).toBe(header);
});

test("the certificate is well formed, signed by its own key and names its host", () => {
  const { certPem, keyPem } = selfSigned("node-1", Date.parse("2026-02-03T04:05:06Z"));
  const certificate = new X509Certificate(certPem);
  expect(certificate.subject).toBe("CN=node-1");
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  expect(certificate.subjectAltName).toBe("DNS:node-1, IP Address:127.0.0.1");
  expect(certificate.validFromDate.toISOString()).toBe("2026-02-02T04:05:06.000Z");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
});

test("a certificate of any length is loaded: its text may end exactly with a whole line", () => {
  for (let length = 1; length <= 60; length += 1) {
    const { certPem, keyPem } = selfSigned("n".repeat(length), 0);
    expect(() => createSecureContext({ cert: certPem, key: keyPem }), `a name of ${length}`).not.toThrow();
  }
});
