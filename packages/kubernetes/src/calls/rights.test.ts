import { readFile } from "node:fs/promises";
import { loadAllYaml } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { neededRights, retentionRights, serviceRights } from "./rights.ts";

interface Role {
  readonly kind: string;
  readonly rules: { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

test("are those that deploy/rbac.yaml gives, the namespace itself, and those for Services", async () => {
  const text = await readFile(new URL("../../../../deploy/rbac.yaml", import.meta.url), "utf8");
  const roles = (loadAllYaml(text) as Role[]).filter(({ kind }) => kind === "Role");
  const given = roles.flatMap(({ rules }) =>
    rules.flatMap(({ apiGroups: [group = ""], resources, verbs }) =>
      resources.flatMap((one) => verbs.map((verb) => ({ verb, resource: group === "" ? one : `${one}.${group}` }))),
    ),
  );
  expect(given).toEqual([
    ...neededRights,
    { verb: "get", resource: "namespaces" },
    ...serviceRights,
    ...retentionRights,
  ]);
});
