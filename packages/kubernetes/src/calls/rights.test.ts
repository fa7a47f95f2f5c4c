import { readFile } from "node:fs/promises";
import { loadAllYaml } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { capacityRights, neededRights, retentionRights, serviceRights } from "./rights.ts";

interface Role {
  readonly kind: string;
  readonly rules: { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

/** What the roles of a kind in a file of deploy/ give. */
async function givenIn(file: string, of: string) {
  const text = await readFile(new URL(`../../../../deploy/${file}`, import.meta.url), "utf8");
  const roles = (loadAllYaml(text) as Role[]).filter(({ kind }) => kind === of);
  return roles.flatMap(({ rules }) =>
    rules.flatMap(({ apiGroups: [group = ""], resources, verbs }) =>
      resources.flatMap((one) => verbs.map((verb) => ({ verb, resource: group === "" ? one : `${one}.${group}` }))),
    ),
  );
}

test("over the whole cluster are those that deploy/rbac-capacity.yaml gives", async () => {
  expect(await givenIn("rbac-capacity.yaml", "ClusterRole")).toEqual(capacityRights);
});

test("are those that deploy/rbac.yaml gives, the namespace itself, and those for Services", async () => {
  expect(await givenIn("rbac.yaml", "Role")).toEqual([
    ...neededRights,
    { verb: "get", resource: "namespaces" },
    ...serviceRights,
    ...retentionRights,
  ]);
});
