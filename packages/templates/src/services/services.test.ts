import { describe, expect, test } from "vitest";
import { launchFaults, templateEntrySchema, templateOf } from "../config.ts";
import { identity, madePod, template } from "../template.fixture.ts";
import { servicesIn } from "./annotation.ts";
import { serviceName, serviceOf, serviceVariables } from "./service-object.ts";

const db = { name: "db", port: 5432, targetPort: 5432, protocol: "TCP", headless: true } as const;
const web = { name: "web", port: 80, targetPort: 8080, protocol: "TCP", headless: false } as const;

const entriesOf = (list: readonly Record<string, unknown>[]) =>
  list.map((one, at) =>
    templateEntrySchema.parse({
      name: `t${at}`,
      ...(at === 0 ? { image: "i" } : { inheritFrom: [`t${at - 1}`] }),
      ...one,
    }),
  );

/** The Services of the last of a line of templates. */
function made(...list: readonly Record<string, unknown>[]) {
  const all = entriesOf(list);
  return templateOf(all.at(-1) as (typeof all)[number], all).services;
}

test("a template that names none has none", () => {
  expect(template()).not.toHaveProperty("services");
});

describe("a template's Services", () => {
  test.each<[string, readonly Record<string, unknown>[], unknown]>([
    ["are the pod's own address where the port is the pod's", [{ services: [{ name: "db", port: 5432 }] }], [db]],
    ["have an address where it is another", [{ services: [{ name: "web", port: 80, targetPort: 8080 }] }], [web]],
    [
      "have an address where that is wanted",
      [{ services: [{ name: "db", port: 5432, headless: false }] }],
      [{ ...db, headless: false }],
    ],
    [
      "are the parents', field by field, and its own",
      [
        { services: [{ name: "web", port: 81, targetPort: 8080 }] },
        {
          services: [
            { name: "web", port: 80 },
            { name: "db", port: 5432 },
          ],
        },
      ],
      [web, db],
    ],
    [
      "lack what it deletes",
      [
        {
          services: [
            { name: "web", port: 80, targetPort: 8080 },
            { name: "db", port: 5432 },
          ],
        },
        { services: [{ name: "web", $patch: "delete" }] },
      ],
      [db],
    ],
    ["are none after null", [{ services: [{ name: "db", port: 5432 }] }, { services: null }], undefined],
  ])("%s", (_, line, expected) => expect(made(...line)).toEqual(expected));
});

describe("Services that are wrong", () => {
  test.each<[unknown, string, string]>([
    ["db", "services", "must be a list of services; correct it"],
    [[{ port: 1 }], "services.0.name", "is missing; give it"],
    [
      [{ name: "5432", port: 1 }],
      "services.0.name",
      "must be 1 to 15 of a-z, 0-9 and -, and begin with a letter; correct it",
    ],
    [
      [{ name: "a-name-of-16-xxx", port: 1 }],
      "services.0.name",
      "must be 1 to 15 of a-z, 0-9 and -, and begin with a letter; correct it",
    ],
    [[{ name: "db", port: "5432" }], "services.0.port", "must be a port, from 1 to 65535"],
    [
      [
        { name: "db", port: 1 },
        { name: "db", port: 2 },
      ],
      "services.1.name",
      "is entry 0's; give each its own",
    ],
  ])("%j says so", (services, path, message) => {
    const { error } = templateEntrySchema.safeParse({ name: "t", image: "i", services });
    expect(error?.issues.map((issue) => [issue.path.join("."), issue.message])).toEqual([[path, message]]);
  });

  test("are told before anything is launched", () => {
    const services = [{ name: "db" }, { name: "web", port: 80, targetPort: 8080, headless: true }];
    const faults = launchFaults(entriesOf([{ labels: ["t"], services }]));
    expect(faults.map(({ path, message }) => `${path.join(".")} ${message}`)).toEqual([
      "0.services says no port of db; add it",
      "0.services has web as headless, though its port 80 is not the pod's 8080: nobody forwards it then; make them one, or leave headless out",
    ]);
  });
});

describe("a slave's Service", () => {
  test("leads to its own pod alone, goes with it, and bears its marks", () => {
    const { metadata, spec } = serviceOf(identity, "uid-7", web);
    expect(metadata).toMatchObject({
      name: `${identity.name}-web`,
      labels: { "kubestack.io/slave": identity.name, "app.kubernetes.io/managed-by": "kubestack" },
      annotations: { "kubestack.io/nonce": "nonce-5" },
      ownerReferences: [{ kind: "Pod", name: identity.name, uid: "uid-7" }],
    });
    expect(spec).toEqual({
      selector: { "kubestack.io/install": "prod-eu", "kubestack.io/slave": identity.name },
      publishNotReadyAddresses: true,
      ports: [{ name: "web", port: 80, targetPort: 8080, protocol: "TCP" }],
    });
    expect(serviceOf(identity, "uid-7", db).spec).toMatchObject({ clusterIP: "None" });
  });

  test("is selected by labels that its pod bears", () => {
    const { selector } = serviceOf(identity, "uid-7", db).spec;
    expect(madePod().metadata.labels).toMatchObject(selector);
  });

  test("has a name that is a DNS label, whatever the slave's", () => {
    const longest = `ks-${"m".repeat(30)}-abcd${"v".repeat(9)}`;
    expect(serviceName(longest, { name: "a-name-of-15-xx" })).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])$/);
  });

  test("is known to the agent's container by variables", () => {
    const services = [db, { ...web, name: "web-ui" }];
    expect(serviceVariables({ slave: "ks-m-abcd1", namespace: "ci", services })).toEqual({
      KUBESTACK_SERVICE_DB_HOST: "ks-m-abcd1-db.ci.svc",
      KUBESTACK_SERVICE_DB_PORT: "5432",
      KUBESTACK_SERVICE_WEB_UI_HOST: "ks-m-abcd1-web-ui.ci.svc",
      KUBESTACK_SERVICE_WEB_UI_PORT: "80",
    });
  });
});

describe("a pod", () => {
  const annotationsOf = (services?: (typeof db)[]) =>
    madePod({}, undefined, services === undefined ? identity : { ...identity, services }).metadata.annotations;

  test("tells its slave's Services", () => expect(servicesIn(annotationsOf([db]))).toEqual([db]));

  test("says nothing of Services where there are none", () => {
    expect(Object.keys(annotationsOf())).toEqual(Object.keys(annotationsOf([])));
    expect(servicesIn(annotationsOf())).toEqual([]);
  });

  test.each(["", "{", "{}", '[{"name":"db"}]'])("that tells %j tells of none", (text) =>
    expect(servicesIn({ "kubestack.io/services": text })).toEqual([]),
  );
});
