import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Bus } from "@kubestack/bus";
import type { Cluster } from "@kubestack/kubernetes";
import { type Moto, startMoto, startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { describeTarget } from "../conformance.fixture.ts";
import { awsAsg } from "./index.ts";

const region = "eu-central-1";
let moto: Moto;
let way: TcpProxy;
let client: AutoScalingClient;
let groups = 0;
const name = () => `group-${groups}`;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  moto = await startMoto();
  way = await startTcpProxy(moto.port);
  client = new AutoScalingClient({ region, endpoint: moto.url });
  const template = { LaunchConfigurationName: "template", ImageId: "ami-12c6146b", InstanceType: "m5.large" };
  await client.send(new CreateLaunchConfigurationCommand(template));
}, 600_000);
afterAll(async () => {
  client?.destroy();
  await way?.close();
  await moto?.stop();
  vi.unstubAllEnvs();
});

function connect(group: string) {
  const config = { type: "aws-asg", group, region, endpoint: `http://127.0.0.1:${way.port}`, dryRun: false } as const;
  const pool = { name: "p", nodeLabels: { pool: group }, taints: [] };
  const [cluster, bus] = [undefined as unknown as Cluster, undefined as unknown as Bus];
  return awsAsg.connect(config, { pool, install: "test", namespace: "ci", cluster, bus });
}

async function group() {
  const { AutoScalingGroups } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name()] }),
  );
  return AutoScalingGroups?.[0];
}

describeTarget("aws-asg", {
  begin: async () => {
    groups += 1;
    await client.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name(),
        LaunchConfigurationName: "template",
        MinSize: 0,
        MaxSize: 10,
        DesiredCapacity: 0,
        AvailabilityZones: [`${region}a`],
      }),
    );
    return connect(name());
  },
  end: async () => {
    await client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name(), ForceDelete: true }));
  },
  wanted: async () => (await group())?.DesiredCapacity ?? -1,
  nodes: async (count) => {
    const instances = (await group())?.Instances ?? [];
    expect(instances).toHaveLength(count);
    return instances.map(({ InstanceId, AvailabilityZone }) => ({
      name: `node-of-${InstanceId}`,
      providerId: `aws:///${AvailabilityZone}/${InstanceId}`,
      annotations: {},
    }));
  },
  own: async () => {
    const tag = { ResourceId: name(), ResourceType: "auto-scaling-group", Value: "true", PropagateAtLaunch: false };
    await client.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, Key: "k8s.io/cluster-autoscaler/enabled" }] }));
  },
  limit: async (MaxSize) => {
    await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name(), MaxSize }));
  },
  cut: async () => {
    await way.refuse();
    return () => way.accept();
  },
  missing: () => connect("absent"),
});
