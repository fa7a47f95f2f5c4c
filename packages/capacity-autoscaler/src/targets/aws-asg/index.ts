import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import type { LeavingNode, Target, TargetKind } from "../target.ts";
import { groupOwner, instanceIn } from "./owner.ts";

/** For one request, in milliseconds; the SDK tries three times, backed off. */
const requestMs = 5_000;
/** What is told of an instance that is on its way out already, or gone. */
const isGone = /not found|not part of|terminating|is not in service/i;

/** An Auto Scaling group: nodes are its instances, by their ids. */
export const awsAsg: TargetKind<"aws-asg"> = {
  type: "aws-asg",
  connect({ group, region, endpoint }): Target {
    const client = new AutoScalingClient({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      requestHandler: { requestTimeout: requestMs, connectionTimeout: requestMs },
    });
    const told = `Auto Scaling group ${group} in ${region}`;
    const asked = async <T>(what: string, act: Promise<T>): Promise<T> => {
      try {
        return await act;
      } catch (error) {
        throw failureOf(`${told}: ${what}`, error);
      }
    };
    const read = async (): Promise<AutoScalingGroup> => {
      const found = await asked(
        "reading it",
        client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] })),
      );
      const [one] = found.AutoScalingGroups ?? [];
      if (one !== undefined) return one;
      throw new KubestackError("target-refused", `There is no ${told}; make it, or correct the pool's target.`);
    };
    const policies = async (): Promise<string[]> => {
      const found = await asked(
        "reading its scaling policies",
        client.send(new DescribePoliciesCommand({ AutoScalingGroupName: group })),
      );
      return (found.ScalingPolicies ?? []).flatMap(({ PolicyName, Enabled }) =>
        Enabled === false ? [] : (PolicyName ?? []),
      );
    };
    return {
      canRemoveByName: true,
      status: async () => {
        const [of, scaling] = await Promise.all([read(), policies()]);
        return {
          wanted: of.DesiredCapacity ?? 0,
          nodes: instancesIn(of),
          least: of.MinSize ?? null,
          most: of.MaxSize ?? null,
          owner: groupOwner(
            (of.Tags ?? []).flatMap(({ Key }) => Key ?? []),
            scaling,
          ),
        };
      },
      scaleTo: async ({ size }, { wanted }) => {
        if (size === wanted) return;
        const command = new SetDesiredCapacityCommand({
          AutoScalingGroupName: group,
          DesiredCapacity: size,
          HonorCooldown: false,
        });
        await asked(`asking for ${size} instances`, client.send(command));
      },
      remove: async (nodes) => {
        const there = new Set(instancesIn(await read()));
        const instances = nodes.map(instanceOf).filter((instance) => there.has(instance));
        for (const instance of instances) await asked(`terminating ${instance}`, terminate(client, instance));
      },
      close: async () => client.destroy(),
    };
  },
};

/** Those that are there, and not on their way out. */
function instancesIn({ Instances = [] }: AutoScalingGroup): string[] {
  return Instances.flatMap(({ InstanceId, LifecycleState }) =>
    InstanceId === undefined || LifecycleState?.startsWith("Terminat") ? [] : [InstanceId],
  );
}

function instanceOf({ name, providerId }: LeavingNode): string {
  const instance = instanceIn(providerId);
  if (instance !== undefined) return instance;
  throw new KubestackError(
    "target-refused",
    `Node ${name} is no instance of AWS (its providerID is ${providerId ?? "not set"}): it can't be removed by name.`,
  );
}

/** The group is to have one fewer by the same act, so that saying it again ends no other instance. */
async function terminate(client: AutoScalingClient, InstanceId: string): Promise<void> {
  const command = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true });
  await client.send(command).catch((error: unknown) => {
    // It went a moment ago.
    if (!isGone.test(sentenceOf(error))) throw error;
  });
}

/** What AWS says of a request that it will refuse again. */
const refusals =
  /^(?:Validation|AccessDenied|UnauthorizedOperation|InvalidClientTokenId|SignatureDoesNotMatch|ScalingActivity|ResourceContention|CredentialsProvider)/;

function failureOf(what: string, error: unknown): KubestackError {
  if (error instanceof KubestackError) return error;
  const name = error instanceof Error ? error.name : "";
  const sentence = `${what} failed: ${sentenceOf(error)}`;
  if (refusals.test(name))
    return new KubestackError("target-refused", `${sentence}; see to the group and to the rights of this process.`, {
      cause: error,
    });
  return new KubestackError("target-unavailable", `${sentence}; it is tried again.`, { cause: error });
}
