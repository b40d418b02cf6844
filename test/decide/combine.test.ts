import fc from 'fast-check';
import { combine, signs, total } from '../../src/decide/combine';
import { type Facet, facets } from '../../src/domain/evidence';
import { aPiece } from '../support/evidence';

const piece = (facet: Facet, surprise: number, confidence = 0.8) => aPiece({ facet, surprise, confidence });

test('a facet counts once, at its strongest piece, in whichever order the pieces came', () => {
  const [weak, strong] = [piece('volume', 1), piece('volume', 3)];
  expect(combine([weak, strong]).rest).toBe(3);
  expect(combine([strong, weak]).rest).toBe(3);
});

test('place and client are part of the actor: beside one they add nothing, without one they support', () => {
  const place = [piece('geography', 2), piece('client', 2)];
  expect(combine([piece('actor', 3), ...place])).toMatchObject({ actor: 3, rest: 0 });
  expect(combine(place)).toMatchObject({ actor: 0, rest: 1 });
});

test('hours, failures and routes support, all of them together by at most one', () => {
  expect(combine([piece('errors', 1)]).rest).toBe(0.5);
  expect(combine((['errors', 'auth', 'routes', 'time'] as const).map((f) => piece(f, 15))).rest).toBe(1);
  expect(combine([piece('volume', 4), piece('errors', 15)]).rest).toBe(5);
});

test('confidence is weighted by surprise; a rule alone is certain; nothing is nothing', () => {
  expect(combine([piece('volume', 3, 1), piece('time', 1, 0.2)]).confidence).toBeCloseTo(0.8);
  const rule = aPiece({ facet: 'limits', kind: 'rule', surprise: 0, confidence: 1 });
  expect(combine([rule])).toEqual({ actor: 0, rest: 0, confidence: 1, rule: true });
  expect(combine([])).toEqual({ actor: 0, rest: 0, confidence: 0, rule: false });
});

const surprises = fc.double({ min: 0, max: 15, noNaN: true });

test('law: more surprise on either side never makes an incident less surprising', () => {
  fc.assert(
    fc.property(surprises, surprises, fc.double({ min: 0, max: 5, noNaN: true }), (actor, rest, more) => {
      expect(total(actor + more, rest)).toBeGreaterThanOrEqual(total(actor, rest));
      expect(total(actor, rest + more)).toBeGreaterThanOrEqual(total(actor, rest));
    }),
  );
});

test('the actor alone counts in full, the use of the key pays one and a half for having many chances', () => {
  expect(total(3, 0)).toBe(3);
  expect(total(0, 3)).toBe(1.5);
  expect(total(0, 1.4)).toBe(0);
  expect(total(3, 3)).toBe(3.375);
});

test('signs are different facets of enough surprise', () => {
  expect(signs([piece('time', 1.4), piece('client', 1.5), piece('geography', 2)], 1.5)).toBe(2);
  expect(signs([piece('client', 2), aPiece({ facet: 'client', detector: 'other' })], 1.5)).toBe(1);
});

test('volume, failures, routes and the actor itself are no signs, however odd', () => {
  expect(
    signs([piece('actor', 9), piece('volume', 9), piece('errors', 9), piece('auth', 9), piece('routes', 9)], 1),
  ).toBe(0);
});

test('a broken rule is a sign by itself', () => {
  expect(signs([aPiece({ facet: 'limits', kind: 'rule', surprise: 0 })], 1.5)).toBe(1);
});

test('law: signs are at most the facets there are and never grow with what is asked of them', () => {
  const pieces = fc.array(
    fc.record({ facet: fc.constantFrom(...facets), surprise: surprises }).map((p) => piece(p.facet, p.surprise)),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(pieces, surprises, surprises, (evidence, a, b) => {
      const few = signs(evidence, Math.max(a, b));
      expect(few).toBeLessThanOrEqual(signs(evidence, Math.min(a, b)));
      expect(few).toBeLessThanOrEqual(new Set(evidence.map((e) => e.facet)).size);
    }),
  );
});
