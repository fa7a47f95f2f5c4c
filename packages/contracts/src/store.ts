import { z } from "zod";

/**
 * KV `kubestack_store`: which store this is. Its id is random and made once; a store that was lost, or put back to an earlier
 * state, is another store from then on.
 */
export const storeSchema = z.object({
  /** Random for each write. */
  op: z.string(),
  id: z.string(),
  /** When the ledgers' bucket was made, in milliseconds of NATS's time: a bucket made anew is another one. */
  ledgerMadeAt: z.number(),
});
export type StoreRecord = z.infer<typeof storeSchema>;
