import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";

/** What the API server gave a new object. */
export interface CreatedObject {
  readonly uid: string;
  readonly resourceVersion: string;
}

const mostTries = 4;

/**
 * Creates one object from JSON exactly as given: nothing is dropped on the way, and a field that the API server does not know is
 * refused (`fieldValidation=Strict`), so that a mistyped one cannot be lost in silence. Under a ResourceQuota the API server
 * may answer 409 Conflict to creates that meet each other; it has not created then, and is asked again, at most four times.
 */
export async function createObject(connection: Connection, path: string, body: object): Promise<CreatedObject> {
  for (let tries = 1; ; tries += 1) {
    try {
      const created = await connection.request<{ metadata: CreatedObject }>({
        method: "POST",
        path,
        query: { fieldValidation: "Strict" },
        body,
      });
      return { uid: created.metadata.uid, resourceVersion: created.metadata.resourceVersion };
    } catch (error) {
      if (!hasCode(error, "stale-revision") || tries >= mostTries) throw error;
      await connection.timing.sleep(Math.round(20 * 2 ** tries * (0.5 + connection.timing.random())));
    }
  }
}
