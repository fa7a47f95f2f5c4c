import type { Session } from "./http/session.ts";

/**
 * Raises credential-refused unless the master knows us as a user. Hudson takes a wrong password silently for nobody,
 * and shows nobody whatever everybody may see: possibly an empty queue, which would be taken for "nothing waits".
 */
export async function requireIdentity(session: Session): Promise<void> {
  await session.get({ path: "me/api/json", query: { tree: "id" }, what: "to tell who we are to it" });
}
