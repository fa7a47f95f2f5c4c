import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";

/** An object of the library's model as its JSON comes: times are strings. */
export type AsJson<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: AsJson<T[Key]> } : T;

/** The object of that name as it is in the store now; undefined where there is none. */
export async function readObject<T>(connection: Connection, path: string): Promise<AsJson<T> | undefined> {
  try {
    return await connection.request<AsJson<T>>({ method: "GET", path });
  } catch (error) {
    if (hasCode(error, "not-found")) return undefined;
    throw error;
  }
}

/** Which object to delete, and how fast. */
export interface Deletion {
  readonly uid?: string | undefined;
  readonly graceSeconds?: number | undefined;
}

/** Asks for an object's end. Raises `stale-revision` where another one has the name, `not-found` where none has. */
export async function deleteObject(connection: Connection, path: string, deletion: Deletion): Promise<void> {
  const { uid, graceSeconds } = deletion;
  await connection.request({
    method: "DELETE",
    path,
    body: {
      apiVersion: "v1",
      kind: "DeleteOptions",
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    },
  });
}
