import { insideNetworks, limitsOf } from '../detect/limits/declared';
import { type Prefixes, prefixesOf } from '../detect/lists/prefixes';
import type { AddressFacts } from '../domain/address';
import type { AddressList } from '../domain/address-list';
import type { UsageEvent } from '../domain/event';
import type { KeyFacts } from '../domain/inventory';
import type { Declarations } from './declarations';

const nothing: AddressFacts = { outside: false, lists: [] };

/**
 * Judges whole addresses by what is declared at this place of the log, for events whose address is then replaced. What an
 * event carries is not judged again, so an event that waits for its time is held to what was declared when it came.
 */
export function bindAddresses(declarations: Declarations): (event: UsageEvent) => AddressFacts {
  const networks = new WeakMap<KeyFacts, ReturnType<typeof limitsOf>['networks']>();
  const prefixes = new WeakMap<AddressList, Prefixes>();

  function outside({ key, ip }: UsageEvent): boolean {
    const facts = declarations.of(key);
    if (facts === undefined || facts.cidrs.length === 0) return false;
    if (!networks.has(facts)) networks.set(facts, limitsOf(facts).networks);
    const list = networks.get(facts);
    return list !== undefined && !insideNetworks(list, ip);
  }

  function on(list: AddressList, ip: string): boolean {
    let ready = prefixes.get(list);
    if (ready === undefined) {
      ready = prefixesOf(list.networks);
      prefixes.set(list, ready);
    }
    return ready.has(ip);
  }

  return (event) => {
    if (event.ip === '') return nothing;
    const lists = declarations.lists.filter((list) => on(list, event.ip)).map(({ name }) => name);
    const beyond = outside(event);
    return beyond || lists.length > 0 ? { outside: beyond, lists } : nothing;
  };
}
