import type { Evidence } from '../../domain/evidence';
import { SPOKEN, spoken, surpriseOfInput } from './features';
import type { Judgement } from './judge';

/** Detectors named in a sentence, and the share of the error from which one is. */
const NAMED = 3;
const WORTH_NAMING = 0.1;

/** Which detectors make the error, the strongest first; at least one. */
export function strongest(shares: Float64Array): readonly number[] {
  const order = Array.from({ length: SPOKEN }, (_, i) => i).sort((a, b) => shares[b] - shares[a] || a - b);
  return order.slice(0, NAMED).filter((feature, rank) => rank === 0 || shares[feature] >= WORTH_NAMING);
}

/** What was odd about a window, and what the model would have made of it, for people. */
export function inWords(vector: Float32Array, { shares, rebuilt }: Judgement): Pick<Evidence, 'saw' | 'expected'> {
  const named = strongest(shares);
  const names = list(named.map((i) => spoken[i]));
  const together = named.length > 1 ? `${names} together are unusual` : `${names} is unusual beside the rest`;
  const seen = named.map((i) => `${spoken[i]} ${rarity(vector[i])} (${Math.round(shares[i] * 100)} %)`);
  const expected = named.map((i) => `${spoken[i]} ${rarity(rebuilt[i])}`);
  return {
    saw: `${together} within one hour: ${seen.join(', ')}`,
    expected: `with everything else as it is, ${expected.join(', ')}`,
  };
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

/** A surprise as people count it. */
function rarity(input: number): string {
  const days = 10 ** surpriseOfInput(input);
  if (days < 1.5) return 'as on any day';
  return `as odd as 1 day in ${grouped(Number(days.toPrecision(2)))}`;
}

/** As `toLocaleString('en-US')` has it, which takes longer than the rest of a look together. */
function grouped(days: number): string {
  const [whole, part] = String(days).split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part === undefined ? groups : `${groups}.${part}`;
}
