import type { SlaveIdentity } from "./marks.ts";

/** What makes an object go with its slave's pod. */
export function ownedBy({ name }: SlaveIdentity, podUid: string) {
  return { apiVersion: "v1", kind: "Pod", name, uid: podUid, controller: true, blockOwnerDeletion: false };
}
