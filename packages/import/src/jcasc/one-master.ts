import type { PluginCloud } from "./cloud-fields.ts";

/** Clouds of one Jenkins become one master: what they say otherwise than each other can't be the same for all of them. */
export function tellOneMaster(clouds: readonly PluginCloud[]): void {
  const [first, ...others] = clouds;
  if (first === undefined || others.length === 0) return;
  tellCaps(clouds);
  const isWebSocket = clouds.some((cloud) => cloud.isWebSocket);
  const labels = clouds.map(({ podLabels }) => JSON.stringify(podLabels));
  const isOneLabelling = labels.every((one) => one === labels[0]);
  for (const cloud of clouds) {
    const { place } = cloud;
    if (isWebSocket && !cloud.isWebSocket)
      place.inner("webSocket").changed("another cloud of this master wants it, so all agents come by WebSocket");
    if (!isOneLabelling && Object.keys(cloud.podLabels).length > 0)
      place.inner("podLabels").changed("the pods of all clouds of this master get the labels of all of them");
  }
  const urlOf = clouds.find(({ jenkinsUrl }) => jenkinsUrl !== undefined);
  const tunnelOf = clouds.find(({ tunnel }) => tunnel !== undefined);
  for (const { jenkinsUrl, tunnel, place } of clouds) {
    if (jenkinsUrl !== undefined && jenkinsUrl !== urlOf?.jenkinsUrl)
      place.inner("jenkinsUrl").lost("a master has one address, that of the first cloud that says it");
    if (tunnel !== undefined && tunnel !== tunnelOf?.tunnel)
      place.inner("jenkinsTunnel").lost("a master has one agentTunnel, that of the first cloud that says it");
  }
}

function tellCaps(clouds: readonly PluginCloud[]): void {
  const areAllCapped = clouds.every(({ containerCap }) => containerCap !== undefined);
  const sum = clouds.reduce((all, { containerCap = 0 }) => all + containerCap, 0);
  for (const { containerCap, capPlace } of clouds) {
    if (containerCap === undefined) continue;
    if (areAllCapped) capPlace?.changed(`one cap, ${sum}, for all clouds of this master: the sum of theirs`);
    else
      capPlace?.lost("a cap is a whole master's, and another cloud of this one has none: write maxSlaves at templates");
  }
}
