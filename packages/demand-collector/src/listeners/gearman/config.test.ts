import { describe, expect, test } from "vitest";
import { schema } from "./config.ts";

const entry = (more: object) => ({ type: "gearman", host: "gearman.ci", ...more });

describe("an entry of a Gearman server", () => {
  test("needs a host only", () => {
    expect(schema.parse(entry({}))).toEqual({ type: "gearman", host: "gearman.ci", port: 4730, interval: 2000 });
  });

  test("names the files of TLS", () => {
    const tls = { ca: "file:/a.pem", cert: "file:/c.pem", key: "file:/k.pem" };
    expect(schema.parse(entry({ tls })).tls).toEqual({
      ca: "/a.pem",
      cert: "/c.pem",
      key: "/k.pem",
      insecureSkipVerify: false,
    });
  });

  test.each<[string, object, string]>([
    ["no host", { host: undefined }, "host: must be the host"],
    ["a port in the host", { host: "a:4730/x" }, "host: must be a host's name or address"],
    ["a port that is none", { port: 70_000 }, "port: "],
    ["a certificate without its key", { tls: { cert: "file:/c.pem" } }, "tls.key: is missing"],
    ["a key without its certificate", { tls: { key: "file:/k.pem" } }, "tls.cert: is missing"],
    ["the certificate itself", { tls: { ca: "-----BEGIN" } }, "tls.ca: must name a PEM file"],
    ["both trust and none", { tls: { ca: "file:/a", insecureSkipVerify: true } }, "tls.ca: has no effect"],
    ["a key that is not known", { hosts: "a" }, ": "],
  ])("%s is a fault", (_, more, fault) => {
    const issues = schema
      .safeParse(entry(more))
      .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    expect(issues).toEqual([expect.stringContaining(fault)]);
  });
});
