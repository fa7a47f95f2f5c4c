import type { SlaveService } from "@kubestack/contracts";
import { objectAnnotations, objectLabels, type SlaveIdentity, slaveLabel } from "../marks.ts";
import { ownedBy } from "../owner.ts";

/** The name of one Service of a slave: a DNS label. */
export function serviceName(slave: string, { name }: Pick<SlaveService, "name">): string {
  return `${slave}-${name}`;
}

/** A slave's Service: owned by its pod, so that it goes with it, and leading to that pod alone. */
export function serviceOf(identity: SlaveIdentity, podUid: string, service: SlaveService) {
  const { name, port, targetPort, protocol, headless } = service;
  const labels = objectLabels(identity);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: serviceName(identity.name, service),
      labels,
      annotations: objectAnnotations(identity),
      ownerReferences: [ownedBy(identity, podUid)],
    },
    spec: {
      selector: {
        "kubestack.io/install": labels["kubestack.io/install"] ?? "",
        [slaveLabel]: identity.name,
      },
      ...(headless ? { clusterIP: "None" } : {}),
      // One container that ended, or is not ready, makes the pod unready: that must not cut off the others.
      publishNotReadyAddresses: true,
      ports: [{ name, port, targetPort, protocol }],
    },
  };
}

/** By which the agent's container knows a slave's Services: `KUBESTACK_SERVICE_<NAME>_HOST` and `…_PORT`. */
export function serviceVariables(of: {
  readonly slave: string;
  readonly namespace: string;
  readonly services: readonly SlaveService[];
}): Readonly<Record<string, string>> {
  const { slave, namespace, services } = of;
  return Object.fromEntries(
    services.flatMap((service) => {
      const prefix = `KUBESTACK_SERVICE_${service.name.toUpperCase().replaceAll("-", "_")}`;
      return [
        [`${prefix}_HOST`, `${serviceName(slave, service)}.${namespace}.svc`],
        [`${prefix}_PORT`, String(service.port)],
      ];
    }),
  );
}
