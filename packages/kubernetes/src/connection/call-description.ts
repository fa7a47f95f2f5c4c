/** What a request is about, in the words of Kubernetes; for error sentences only. */
export interface CallDescription {
  /** As in RBAC: get, list, watch, create, update, patch, delete. */
  readonly verb: string;
  /** Such as `pods ks-backend-a1b2 in namespace ci-agents`, or the bare path where it is no object's. */
  readonly object: string;
}

const objectPath =
  /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

const writeVerbs: Readonly<Record<string, string>> = {
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/**
 * Reads verb and object from an HTTP method and an API path (a query in the path is understood).
 * `bodyName` names the object of a create, whose path has none.
 */
export function describeCall(method: string, pathAndQuery: string, bodyName?: string): CallDescription {
  const [path = "", query = ""] = pathAndQuery.split("?", 2);
  const match = objectPath.exec(path);
  const namespaceItself = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path);
  if (namespaceItself) return { verb: writeVerbs[method] ?? "get", object: `namespaces ${namespaceItself[1]}` };
  if (!match) return { verb: writeVerbs[method] ?? "get", object: path };
  const [, namespace, resource = "", name = bodyName, subresource] = match;
  const reading = new URLSearchParams(query).has("watch") ? "watch" : match[3] === undefined ? "list" : "get";
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return { verb: writeVerbs[method] ?? reading, object: `${kind}${name === undefined ? "" : ` ${name}`}${where}` };
}
