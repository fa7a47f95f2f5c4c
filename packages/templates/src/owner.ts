import { podName } from "@kubestack/contracts";
import type { SlaveIdentity } from "./marks.ts";

/** What makes an object go with its slave's pod. */
export function ownedBy(identity: SlaveIdentity, podUid: string) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    name: podName(identity),
    uid: podUid,
    controller: true,
    blockOwnerDeletion: false,
  };
}
