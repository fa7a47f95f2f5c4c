import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkJenkinsConnection, isLoopback, jenkinsConnectionShape, withConnectionDefaults } from "./config.ts";

// As the configuration package merges it: other keys beside, the check across all of them.
const schema = z.strictObject({ name: z.string(), ...jenkinsConnectionShape }).superRefine(checkJenkinsConnection);

const good = { name: "backend", url: "https://ci.example.org/jenkins/", token: "file:/run/secrets/token" };

function faultsOf(value: unknown): string[] {
  const result = schema.safeParse(value);
  return result.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
}

describe("jenkinsConnectionShape", () => {
  test.each([
    [{}],
    [{ token: undefined, password: "env:JENKINS_PASSWORD" }],
    [{ token: { secret: "backend-jenkins", key: "token" } }],
    [{ url: "http://127.0.0.1:8080/", agentUrl: "http://jenkins.ci.svc:8080/" }],
    [{ url: "http://127.0.0.1:8080/", agentUrl: "http://127.0.0.1:8080/" }],
    [{ agentTunnel: "jenkins-agent.backend.svc:50000" }],
    [{ agentTunnel: ":50000" }],
    [{ tls: { ca: "file:/etc/ca.pem" } }],
  ])("takes %j", (change) => {
    expect(faultsOf({ ...good, ...change })).toEqual([]);
  });

  test.each([
    [{ url: "ci.example.org" }, "url: must be a URL; write it as https://HOST"],
    [{ url: "ftp://ci.example.org/" }, "url: must be http or https"],
    [{ publicUrl: "https://u:secret-word@ci.example.org/" }, "publicUrl: must not hold a user"],
    [{ url: "https://ci.example.org/?x=1" }, "url: must end with its path"],
    [
      { url: "http://localhost:8080/" },
      "agentUrl: must be named where url is a loopback address, since a pod would reach itself there; give the address by which pods reach the master",
    ],
    [{ token: undefined }, "token: one of token and password is needed; give token"],
    [{ password: "env:P" }, "password: only one of token and password may be given"],
    [
      { token: "11d2secretword" },
      "token: must be a reference: file:PATH, file:PATH#KEY, env:NAME or {secret: NAME, key: KEY}",
    ],
    [{ token: { secret: "x" } }, "token: must be a reference"],
    [{ user: "a:b" }, "user: must not contain a colon"],
    [{ agentTunnel: ":" }, "agentTunnel: must say where agents connect by TCP; write HOST:PORT"],
    [{ agentTunnel: "http://x:1" }, "agentTunnel: must say where"],
    [{ tls: { ca: "/etc/ca.pem" } }, "tls.ca: must name a file of certificates; write file:PATH"],
    [{ tls: { ca: "file:/x", insecureSkipVerify: true } }, "tls.ca: has no effect while insecureSkipVerify is true"],
  ])("refuses %j", (change, expected) => {
    const faults = faultsOf({ ...good, ...change });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
    expect(JSON.stringify(schema.safeParse({ ...good, ...change }).error)).not.toMatch(/secret-?word/);
  });

  test("its issues carry value, rule and remedy", () => {
    const issues = schema.safeParse({ ...good, url: "http://[::1]/" }).error?.issues;
    const params = { value: "http://[::1]/", rule: expect.any(String), remedy: expect.any(String) };
    expect(issues).toMatchObject([{ path: ["agentUrl"], params }]);
  });

  test("can be written as a JSON Schema", () => {
    expect(z.toJSONSchema(z.object(jenkinsConnectionShape), { io: "input" })).toHaveProperty("properties.agentTunnel");
  });
});

test("what defaults to url is filled", () => {
  const parsed = schema.parse(good);
  expect(withConnectionDefaults(parsed)).toMatchObject({ publicUrl: good.url, agentUrl: good.url, user: "kubestack" });
  expect(withConnectionDefaults({ ...parsed, agentUrl: "http://a/" }).agentUrl).toBe("http://a/");
});

test.each([
  ["http://localhost/", true],
  ["http://ci.localhost:80/", true],
  ["http://127.1.2.3/", true],
  ["http://127.1/", true],
  ["http://[::1]:8080/", true],
  ["http://0.0.0.0/", true],
  ["http://[::ffff:127.0.0.1]/", true],
  ["http://localhost.example.org/", false],
  ["http://128.0.0.1/", false],
  ["no url", false],
])("isLoopback(%s) is %s", (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
