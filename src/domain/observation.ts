import type { AddressList } from './address-list';
import type { UsageEvent } from './event';
import type { KeyFacts } from './inventory';

/**
 * A client in three steps of sameness: the exact agent text, the family (agent without its versions) and the product
 * (its first name). `curl/8.4.0` → family `curl/#`, product `curl`.
 */
export interface Client {
  readonly agent: number;
  readonly family: number;
  readonly product: number;
  /** Product name for people, at most 40 characters. */
  readonly name: string;
}

/**
 * An address in three steps of nearness: the address itself, its near network (IPv4 /24, IPv6 /48) and its wide network
 * (IPv4 /16, IPv6 /32). Without owner data a wide network is the best free stand-in for "same provider".
 */
export interface Network {
  readonly address: number;
  readonly near: number;
  readonly wide: number;
  /** For people, for example `203.0.113.0/24`; '' when the address is unknown. */
  readonly nearName: string;
}

/** What a key did just now, as detectors see it. One object is reused for every event: keep no reference to it. */
export interface Observation {
  event: UsageEvent;
  /** Event time, whole seconds since 1970 UTC. */
  seconds: number;
  /** Days since 1970 UTC. */
  day: number;
  hourOfDay: number;
  /** 0 = Sunday. */
  weekday: number;
  network: Network;
  client: Client;
  /** Near network and client family together: who is using the key, as far as a log can tell. Never 0. */
  actor: number;
  /** Hash of the country; 0 when unknown. */
  country: number;
  route: number;
  /** 401 or 403. */
  denied: boolean;
  /** 4xx or 5xx, denials included. */
  failed: boolean;
  /** Hash of the key id's two halves, which name its facts. */
  ownerLow: number;
  ownerHigh: number;
  /** How unfamiliar address, client and route are to this key: 0 is seen exactly so. Filled in by the engine. */
  networkGrade: number;
  clientGrade: number;
  routeGrade: number;
  /** True where the network's grade is lower because the tenant's other keys know it. */
  amongPeers: boolean;
  /** 0–1: how settled the key's past is at this moment. Filled in by the engine. */
  confidence: number;
  /** What the inventory declares of the key. Filled in by the engine. */
  declared: KeyFacts | undefined;
  /** Address lists in force. Filled in by the engine. */
  lists: readonly AddressList[];
  /** True while a person has declared that the key's use is changing: it teaches habits, not how often strangers come. */
  expected: boolean;
}
