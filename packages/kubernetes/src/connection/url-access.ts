import { KubestackError } from "@kubestack/contracts";
import { isSafeServerUrl } from "../server-url.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import type { UrlSource } from "./cluster-source.ts";

/** Access by an address and a bearer token. Raises `invalid-config` for an address that a token must not be sent to. */
export function urlAccess(source: UrlSource): ClusterAccess {
  if (!isSafeServerUrl(source.url))
    throw new KubestackError(
      "invalid-config",
      "kubernetes.url: must be https://… (http:// only to this machine itself, as a token must not travel unprotected)",
      { retry: "never" },
    );
  const { caPem } = source;
  return {
    server: source.url.replace(/\/+$/, ""),
    credential: async () => {
      const ca = typeof caPem === "function" ? await caPem() : caPem;
      return {
        headers: { Authorization: `Bearer ${(await source.token()).trim()}` },
        tls: {
          ...(ca === undefined ? {} : { ca }),
          ...(source.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
        },
      };
    },
    proxy: () => undefined,
  };
}
