import type { V1Service } from "@kubernetes/client-node";
import type { Connection } from "../connection/connection.ts";
import { type CreatedObject, createObject } from "./create-object.ts";
import { type DeleteOutcome, outcomeOf } from "./delete-outcome.ts";
import { readPages } from "./read-pages.ts";
import { type AsJson, deleteObject, readObject } from "./stored-object.ts";

export interface ServiceCalls {
  /** Raises `already-exists`; `quota-exceeded`; `cluster-refused` with the API's words. */
  createService(namespace: string, service: V1Service): Promise<CreatedObject>;
  getService(namespace: string, name: string): Promise<AsJson<V1Service> | undefined>;
  /** May be repeated at will. With `uid`, only that very object is deleted. */
  deleteService(namespace: string, name: string, options?: { readonly uid?: string }): Promise<DeleteOutcome>;
  /** All Services that carry the labels, read in pages. */
  listServices(namespace: string, labelSelector: string): Promise<AsJson<V1Service>[]>;
}

const servicesOf = (namespace: string) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`;
const serviceAt = (namespace: string, name: string) => `${servicesOf(namespace)}/${encodeURIComponent(name)}`;

export function serviceCalls(connection: Connection): ServiceCalls {
  return {
    createService: (namespace, service) =>
      createObject(connection, servicesOf(namespace), { apiVersion: "v1", kind: "Service", ...service }),
    getService: (namespace, name) => readObject<V1Service>(connection, serviceAt(namespace, name)),
    deleteService: (namespace, name, options = {}) =>
      outcomeOf(deleteObject(connection, serviceAt(namespace, name), options)),
    listServices: (namespace, labelSelector) => readPages(connection, servicesOf(namespace), labelSelector),
  };
}
