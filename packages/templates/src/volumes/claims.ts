import { isList, isMap, type JsonMap } from "../merge/json.ts";

/** The labels for the claims that the cluster makes for a pod, as a layer over it: they tell whose each claim is. */
export function markedClaims({ spec }: JsonMap, labels: Readonly<Record<string, string>>): JsonMap {
  const volumes = isMap(spec) && isList(spec.volumes) ? spec.volumes : [];
  const claims = volumes.flatMap((volume) => {
    if (!isMap(volume) || !isMap(volume.ephemeral) || volume.name === undefined) return [];
    return [{ name: volume.name, ephemeral: { volumeClaimTemplate: { metadata: { labels } } } }];
  });
  return claims.length === 0 ? {} : { spec: { volumes: claims } };
}
