import { startWorker } from "@kubestack/gearman";

/**
 * What runs in the pod of a slave of a Gearman server: a worker that does one job of the function that its slave was launched
 * for, and ends. The job's data say how long it takes, in milliseconds.
 */
const address = new URL(process.env.KUBESTACK_ITEM_URL ?? "");
const name = decodeURIComponent(address.pathname.slice(1));
const worker = await startWorker({
  host: address.hostname,
  port: Number(address.port),
  clientId: process.env.KUBESTACK_SLAVE ?? "",
  functions: [name],
  mostJobs: 1,
  work: async ({ data }) => {
    await new Promise((resolve) => setTimeout(resolve, Number(data.toString())));
    return { state: "complete", data: Buffer.from(process.env.KUBESTACK_SLAVE ?? "") };
  },
});
await worker.ended;
