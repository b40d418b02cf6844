import type { AddressList } from '../domain/address-list';
import type { Expectation } from '../domain/command';
import type { UsageEvent } from '../domain/event';
import type { Evidence } from '../domain/evidence';
import { type Inventory, type KeyFacts, noInventory } from '../domain/inventory';

/** Expectations kept at once; beyond, the one that ends first is forgotten. */
const MAX_EXPECTATIONS = 10_000;

/** What people have declared of the keys of a partition: the inventory, and changes to be expected. */
export class Declarations {
  private inventory: Inventory = noInventory;
  private readonly expectations = new Map<string, Expectation>();

  /** The inventory's row of a key. */
  of(key: string): KeyFacts | undefined {
    return this.inventory.of(key);
  }

  /** How many of the keys the inventory does not know; 0 where there is no inventory. */
  undeclared(keys: readonly string[]): number {
    if (this.inventory.digest === '') return 0;
    return keys.reduce((sum, key) => (key !== '' && this.inventory.of(key) === undefined ? sum + 1 : sum), 0);
  }

  get lists(): readonly AddressList[] {
    return this.inventory.lists;
  }

  use(inventory: Inventory): void {
    this.inventory = inventory;
  }

  expect(expectation: Expectation): void {
    this.expectations.delete(expectation.key);
    if (this.expectations.size >= MAX_EXPECTATIONS) this.dropSoonest();
    this.expectations.set(expectation.key, expectation);
  }

  forget(key: string): void {
    this.expectations.delete(key);
  }

  /** The expectation that holds for a key at `ts`; one that is over is forgotten here. */
  expected(key: string, ts: number): Expectation | undefined {
    if (this.expectations.size === 0) return undefined;
    const found = this.expectations.get(key);
    if (found === undefined || ts <= found.until) return found;
    this.expectations.delete(key);
    return undefined;
  }

  export(): readonly Expectation[] {
    return [...this.expectations.values()];
  }

  import(expectations: readonly Expectation[]): void {
    this.expectations.clear();
    for (const expectation of expectations) this.expectations.set(expectation.key, expectation);
  }

  private dropSoonest(): void {
    let soonest: Expectation | undefined;
    for (const e of this.expectations.values()) if (soonest === undefined || e.until < soonest.until) soonest = e;
    if (soonest !== undefined) this.expectations.delete(soonest.key);
  }
}

/** The event with the inventory's tenant and name where the log has none. */
export function named(event: UsageEvent, declared: KeyFacts | undefined): UsageEvent {
  if (declared === undefined) return event;
  const tenant = event.tenant || (declared.tenant ?? '');
  const keyName = event.keyName || (declared.name ?? '');
  return tenant === event.tenant && keyName === event.keyName ? event : { ...event, tenant, keyName };
}

/** What is left of the evidence while a change is expected: broken rules, and the facets that nobody spoke of. */
export function unexpected(evidence: readonly Evidence[], { facets }: Expectation): readonly Evidence[] {
  return evidence.filter((e) => e.kind === 'rule' || !facets.includes(e.facet));
}
