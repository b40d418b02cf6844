import type { Observation } from '../../domain/observation';
import { at, part } from '../../stats/columns';
import { decayFactor } from '../../stats/decay';
import { combine } from '../../stats/hash';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { CLIENT_GRADES, clientGrades, findFact, markFact, NETWORK_GRADES, networkGrades } from '../familiarity';
import { count, countryName, inSpan, rateInWords } from '../words';
import { bindAdoption } from './adoption';
import { bindAgreement } from './agreement';
import { bindFit, forecastSurprise, nominal } from './fit';
import { fleetField, newcomerDetectorColumns } from './layout';
import { bindRates, HALF_LIFE } from './rates';

const DAY = 86_400;
const CHANGE_HALF_LIFE = DAY / 4;
/** A new version at a known address is an upgrade and no evidence. */
const LEAST_CLIENT_GRADE = 2;

/**
 * Who uses the key: how often harmless newcomers this odd appear on this key, judged at the newcomer's first request.
 * The rate is the key's own, shrunk to the fleet's; the newcomer's client speaks for or against it; the surprise is made
 * honest by the forecast of all keys' rates. Blind to a thief in the owner's own network with the owner's agent (a
 * changed address, as far as a log can tell) and weak on keys that meet new networks every day.
 */
export const newcomer: Detector = {
  name: 'newcomer',
  facet: 'actor',
  columns: newcomerDetectorColumns,
  bind: bindNewcomer,
};

interface Judged {
  readonly rate: number;
  readonly surprise: number;
}

function bindNewcomer(tables: Tables): BoundDetector {
  const { facts } = tables;
  const counts = tables.column('newcomer.counts');
  const updated = tables.column('newcomer.updated');
  const young = tables.column('newcomer.young');
  const fleet = tables.column('newcomer.fleet');
  const forecast = tables.column('newcomer.forecast');
  const baseline = bindBaseline(tables);
  const rates = bindRates(tables);
  const agreement = bindAgreement(tables);
  const adoption = bindAdoption(tables);
  const fit = bindFit(tables, agreement);
  const network = new Float64Array(NETWORK_GRADES + 1);
  const width = NETWORK_GRADES + CLIENT_GRADES;

  function judge(row: number, o: Observation): Judged | undefined {
    if (o.networkGrade > 0) {
      rates.network(row, o.seconds, network);
      const rate = network[o.networkGrade] / agreement.weigh(row, o).odds;
      return { rate, surprise: forecastSurprise(forecast.data, nominal(rate)) };
    }
    if (o.clientGrade < LEAST_CLIENT_GRADE) return undefined;
    const rate = rates.client(row, o.clientGrade, o.seconds) * movement(o.seconds);
    const rollOut = adoption.rate(o.client.agent, o.seconds);
    const surprise = forecastSurprise(forecast.data, nominal(rate));
    // The forecast knows each key's past; that many keys change together is not in it, so a roll-out speaks for itself.
    return rollOut > rate ? { rate: rollOut, surprise: Math.min(surprise, nominal(rollOut)) } : { rate, surprise };
  }

  /** By how much client changes at known addresses are more frequent than usual over the fleet; at least 1. */
  function movement(seconds: number): number {
    const { data } = fleet;
    const recent = data[fleetField.changes] * decayFactor(seconds - data[fleetField.changedAt], CHANGE_HALF_LIFE);
    const days = Math.max(0.25, (seconds - data[fleetField.startedAt]) / DAY);
    const usual = ((data[fleetField.allChanges] / days) * 0.25) / Math.LN2;
    return Math.max(1, (recent + 3) / (usual + 3));
  }

  /** True once for each pair of address and agent that is new in any grade. What is learned is not new again: no fact of it is kept. */
  function isFirst(o: Observation, taught: boolean): boolean {
    if (o.networkGrade === 0 && o.clientGrade === 0) return false;
    const pair = combine(o.network.address, o.client.agent) || 1;
    if (findFact(facts, o, levels.newcomer, pair) >= 0) return false;
    if (!taught) markFact(facts, o, levels.newcomer, pair);
    return true;
  }

  function learnNewcomer(row: number, o: Observation, taught: boolean): void {
    const when = at(updated, row);
    const own = at(counts, row);
    const fade = decayFactor((o.seconds - part(updated, row)[when]) / DAY, HALF_LIFE);
    for (let i = 0; i < width; i++) part(counts, row)[own + i] *= fade;
    part(updated, row)[when] = Math.max(part(updated, row)[when], o.seconds);
    const isYoung = rates.isYoung(row, o.seconds);
    const from = isYoung ? 0 : own;
    const data = isYoung ? young.data : part(counts, row);
    for (let g = 0; g < o.networkGrade; g++) data[from + g]++;
    // A client change counts as one only where the address is known: elsewhere it is part of being a newcomer.
    if (o.networkGrade === 0 || isYoung) for (let g = 0; g < o.clientGrade; g++) data[from + NETWORK_GRADES + g]++;
    if (o.networkGrade > 0) agreement.learn(row, agreement.weigh(row, o));
    else {
      learnChange(o.seconds);
      adoption.count(o, taught);
    }
  }

  function learnChange(seconds: number): void {
    const { data } = fleet;
    data[fleetField.changes] =
      data[fleetField.changes] * decayFactor(seconds - data[fleetField.changedAt], CHANGE_HALF_LIFE) + 1;
    data[fleetField.changedAt] = Math.max(data[fleetField.changedAt], seconds);
    data[fleetField.allChanges]++;
  }

  return {
    score(row, o) {
      if (baseline.events(row) === 0) return undefined;
      const judged = judge(row, o);
      if (judged === undefined || judged.surprise < MIN_SURPRISE) return undefined;
      const kind = o.networkGrade > 0 ? networkGrades[o.networkGrade] : clientGrades[o.clientGrade];
      const own =
        o.networkGrade > 0
          ? rates.networkCount(row, o.networkGrade, o.seconds)
          : rates.clientCount(row, o.clientGrade, o.seconds);
      return {
        detector: 'newcomer',
        facet: 'actor',
        kind: 'statistical',
        surprise: judged.surprise,
        confidence: o.confidence,
        saw: sawWords(o),
        expected: `newcomers this odd (${kind}): ${rateInWords(judged.rate)} on this key, ${count(own)} lately ${inSpan(baseline.age(row, o.seconds))}`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    count(row, o, taught) {
      fit.maybe(o.seconds);
      if (baseline.events(row) > 0 && isFirst(o, taught) && !o.expected) learnNewcomer(row, o, taught);
    },
    learn(_row, o) {
      if (o.clientGrade > 0) agreement.learnAgent(o.client.agent, o.seconds);
    },
  };
}

function sawWords(o: Observation): string {
  const place = o.event.country === '' ? 'unplaced' : countryName(o.event.country);
  const where = `${o.network.nearName || 'no address'}, ${place}`;
  if (o.networkGrade === 0) return `${clientGrades[o.clientGrade]} (${o.client.name}) at a known address`;
  const peers = o.amongPeers ? ', known on other keys of its tenant' : '';
  const only = o.networkGrade === 1 && o.clientGrade === 0 && !o.amongPeers ? '; only the address is new' : '';
  const client = o.clientGrade === 0 ? "with the key's own client" : `with ${clientGrades[o.clientGrade]}`;
  return `a newcomer, ${o.amongPeers ? 'a network new to this key' : networkGrades[o.networkGrade]} (${where}${peers}), ${client} (${o.client.name})${only}`;
}
