import { type JsonMap, mapsIn } from "@kubestack/templates";
import { mapAt } from "../reading/symbols.ts";
import type { Tell } from "./telling.ts";

/**
 * What a restricted pod must say besides, so that it is what the plugin's was: who runs as root says that it is no `nonRoot`,
 * a privileged container has root, and a service account of its own comes with its token.
 */
export function withRights(spec: JsonMap, tell: Tell): JsonMap {
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  const hasAccount = typeof account === "string" && account !== "" && account !== "default";
  const pods = rootSaid(mapAt(spec, "securityContext"));
  const lists = Object.fromEntries(
    ["containers", "initContainers"].map((list) => [
      list,
      mapsIn(spec[list]).map((container) =>
        ofContainer(container, pods, (says) =>
          tell({
            path: ["spec", list, String(container.name), "securityContext", "privileged"],
            verdict: "changed",
            says,
            isKnownOfFields: true,
          }),
        ),
      ),
    ]),
  );
  const { serviceAccount: _old, serviceAccountName: _name, ...others } = spec;
  return {
    ...others,
    ...(hasAccount ? { serviceAccountName: account } : {}),
    ...(Object.keys(pods).length === 0 ? {} : { securityContext: pods }),
    ...lists,
    ...(hasAccount && spec.automountServiceAccountToken === undefined ? { automountServiceAccountToken: true } : {}),
  };
}

function ofContainer(container: JsonMap, pods: JsonMap, say: (says: string) => void): JsonMap {
  const own = mapAt(container, "securityContext");
  const isPrivileged = own.privileged === true;
  const user = own.runAsUser ?? pods.runAsUser;
  const given = isPrivileged && user === undefined ? { ...own, runAsUser: 0 } : own;
  if (isPrivileged && user === undefined)
    say("as root, too, as such images run as a rule: runAsUser would say another");
  const securityContext = rootSaid(given);
  return Object.keys(securityContext).length === 0 ? container : { ...container, securityContext };
}

function rootSaid(context: JsonMap): JsonMap {
  return context.runAsUser === 0 && context.runAsNonRoot === undefined ? { ...context, runAsNonRoot: false } : context;
}
