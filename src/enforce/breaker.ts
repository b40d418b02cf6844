import type { BreakerRail, Rail } from '../domain/action';
import type { BreakerView } from '../domain/standing';
import { type BreakerLimits, type EnforceSettings, MAX_ACCEPTED, MAX_TENANTS } from './settings';

/** Closed, or opened by a rail and open until a person resets it. */
export type Breaker =
  | { readonly open: false }
  | { readonly open: true; readonly rail: BreakerRail; readonly since: number; readonly requestId: string };

/** Times of the automatic acceptances since the last reset, in ledger order, and the breaker over them. */
export interface Circuit {
  readonly breaker: Breaker;
  readonly accepted: readonly number[];
}

/** The fleet's circuit and one a tenant. A plain value; times are wall clock, milliseconds. */
export interface Circuits {
  readonly fleet: Circuit;
  readonly tenants: ReadonlyMap<string, Circuit>;
}

export const closedCircuit: Circuit = { breaker: { open: false }, accepted: [] };
export const closedCircuits: Circuits = { fleet: closedCircuit, tenants: new Map() };

/** Keys active in the window: of all, and of the tenant; undefined where nobody reported any. */
export interface ActiveKeys {
  readonly fleet: number | undefined;
  readonly tenant: number | undefined;
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** A fleet of few keys must still be able to lose one: a share above 0 always allows one action. */
function shareLimit(share: number, active: number): number {
  return share === 0 ? 0 : Math.max(1, Math.floor(share * active));
}

interface Names {
  readonly whose: string;
  readonly count: BreakerRail;
  readonly share: BreakerRail;
}
const ofFleet: Names = { whose: '', count: 'breaker-count', share: 'breaker-share' };
const ofTenant: Names = { whose: 'of the tenant, ', count: 'tenant-breaker-count', share: 'tenant-breaker-share' };

function holdOf(
  circuit: Circuit,
  now: number,
  limits: BreakerLimits & { readonly windowMs: number },
  active: number | undefined,
  names: Names,
): { readonly rail: BreakerRail; readonly detail: string } | undefined {
  if (circuit.breaker.open) {
    return { rail: circuit.breaker.rail, detail: 'the circuit breaker is open until a person resets it' };
  }
  const recent = circuit.accepted.filter((at) => at > now - limits.windowMs).length;
  const seen = `${names.whose}${recent} actions in ${seconds(limits.windowMs)}`;
  if (recent >= limits.count) return { rail: names.count, detail: `${seen}, at most ${limits.count} allowed` };
  // Without a report of active keys the share is unknown; the count alone bounds the damage until there is one.
  if (active === undefined || recent < shareLimit(limits.share, active)) return undefined;
  return { rail: names.share, detail: `${seen}, ${active} keys active, at most ${limits.share * 100} % allowed` };
}

/** Why a breaker holds an action on a key of `tenant` ('': none known), the tenant's own breaker first. */
export function heldByBreaker(
  { fleet, tenants }: Circuits,
  tenant: string,
  now: number,
  { breaker }: Pick<EnforceSettings, 'breaker'>,
  active: ActiveKeys,
): { readonly rail: BreakerRail; readonly detail: string } | undefined {
  const whole = holdOf(fleet, now, breaker, active.fleet, ofFleet);
  if (whole !== undefined || tenant === '') return whole;
  const limits = { ...breaker.tenant, windowMs: breaker.windowMs };
  return holdOf(tenants.get(tenant) ?? closedCircuit, now, limits, active.tenant, ofTenant);
}

const counted = (circuit: Circuit, at: number): Circuit => {
  const accepted = [...circuit.accepted, at];
  return { ...circuit, accepted: accepted.length > MAX_ACCEPTED ? accepted.slice(-MAX_ACCEPTED) : accepted };
};

/** Puts a tenant's circuit last, as the one heard of most recently, and forgets what is beyond the bound. */
function withTenant(tenants: ReadonlyMap<string, Circuit>, tenant: string, circuit: Circuit): Map<string, Circuit> {
  const next = new Map(tenants);
  next.delete(tenant);
  next.set(tenant, circuit);
  if (next.size > MAX_TENANTS) {
    for (const [oldest, { breaker }] of next) {
      if (breaker.open || oldest === tenant) continue;
      next.delete(oldest);
      break;
    }
  }
  return next;
}

/** An automatic action was accepted. */
export function noteAccepted(circuits: Circuits, tenant: string, at: number): Circuits {
  const fleet = counted(circuits.fleet, at);
  if (tenant === '') return { ...circuits, fleet };
  const own = counted(circuits.tenants.get(tenant) ?? closedCircuit, at);
  return { fleet, tenants: withTenant(circuits.tenants, tenant, own) };
}

export const isBreakerRail = (rail: Rail | undefined): rail is BreakerRail =>
  rail === 'breaker-count' ||
  rail === 'breaker-share' ||
  rail === 'tenant-breaker-count' ||
  rail === 'tenant-breaker-share';

const ofOneTenant = (rail: BreakerRail) => rail === 'tenant-breaker-count' || rail === 'tenant-breaker-share';

/** Whether a request held by `rail` found the breaker closed, and so opens it. */
export function opens(circuits: Circuits, tenant: string, rail: Rail | undefined): boolean {
  if (!isBreakerRail(rail)) return false;
  const circuit = ofOneTenant(rail) ? (circuits.tenants.get(tenant) ?? closedCircuit) : circuits.fleet;
  return !circuit.breaker.open;
}

/** A request was held by `rail`: where that is a breaker's, it is open from then on. */
export function noteHeld(
  circuits: Circuits,
  tenant: string,
  held: { readonly rail: Rail | undefined; readonly at: number; readonly requestId: string },
): Circuits {
  const { rail, at, requestId } = held;
  if (!isBreakerRail(rail) || !opens(circuits, tenant, rail)) return circuits;
  const breaker: Breaker = { open: true, rail, since: at, requestId };
  if (!ofOneTenant(rail)) return { ...circuits, fleet: { ...circuits.fleet, breaker } };
  const own = { ...(circuits.tenants.get(tenant) ?? closedCircuit), breaker };
  return { ...circuits, tenants: withTenant(circuits.tenants, tenant, own) };
}

/** A person closed the breaker of a tenant, or all of them; counting starts again. */
export function reset(circuits: Circuits, tenant: string | undefined): Circuits {
  if (tenant === undefined) return closedCircuits;
  const tenants = new Map(circuits.tenants);
  tenants.delete(tenant);
  return { ...circuits, tenants };
}

/** The fleet's breaker, then those of tenants that are open. */
export function breakerViews({ fleet, tenants }: Circuits): readonly BreakerView[] {
  const view = ({ breaker }: Circuit): BreakerView =>
    breaker.open ? { open: true, rail: breaker.rail, since: breaker.since } : { open: false };
  const open = [...tenants].filter(([, { breaker }]) => breaker.open);
  return [view(fleet), ...open.map(([tenant, circuit]) => ({ ...view(circuit), tenant }))];
}
