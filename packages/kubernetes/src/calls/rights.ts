/** One thing that may be done to one kind of object, as a Role names it. */
export interface Right {
  readonly verb: string;
  /** Such as `pods`, `pods/log`, or `leases.coordination.k8s.io` where it is of a group. */
  readonly resource: string;
}

const rules: Readonly<Record<string, readonly string[]>> = {
  pods: ["create", "get", "list", "watch", "delete"],
  "pods/log": ["get"],
  secrets: ["create", "get", "list", "delete"],
  "leases.coordination.k8s.io": ["create", "get", "update"],
};

/** The rights in the agents' namespace that deploy/rbac.yaml gives; reading the namespace itself is one more. */
export const neededRights: readonly Right[] = rightsOf(rules);

/** Those that it gives for templates that keep pods, besides; without them such pods are deleted like any other. */
export const retentionRights: readonly Right[] = rightsOf({ pods: ["patch"] });

/** Those that it gives for templates with Services, which need them besides. */
export const serviceRights: readonly Right[] = rightsOf({ services: ["create", "get", "list", "delete"] });

function rightsOf(of: Readonly<Record<string, readonly string[]>>): Right[] {
  return Object.entries(of).flatMap(([resource, verbs]) => verbs.map((verb) => ({ verb, resource })));
}

/** Those in each namespace whose ConfigMaps may bring templates, as deploy/rbac-templates.yaml gives them. */
export const templateRights: readonly Right[] = rightsOf({ configmaps: ["list", "watch"] });

/** Those over the whole cluster where node pools are configured, as deploy/rbac-capacity.yaml gives them. */
export const capacityRights: readonly Right[] = rightsOf({
  nodes: ["list", "watch", "patch"],
  pods: ["list", "watch"],
});
