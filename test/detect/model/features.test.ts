import {
  circumstances,
  FEATURE_VERSION,
  FEATURES,
  featureDigest,
  placeOf,
  SPOKEN,
  spoken,
  stepsOf,
  surpriseOfInput,
  writeVector,
} from '../../../src/detect/model/features';
import { detectors } from '../../../src/detect/registry';

/** Rules: they state no surprise. */
const rules = ['limits', 'lists'];

test('every detector of the registry is a feature or a rule: a new one asks for a new version', () => {
  expect([...spoken, ...rules].sort()).toEqual(detectors.map(({ name }) => name).sort());
  expect(FEATURES).toBe(spoken.length + circumstances.length);
});

test('digest and version go together: whoever changes the features raises the version and trains anew', () => {
  expect([FEATURE_VERSION, featureDigest.slice(0, 12)]).toMatchInlineSnapshot(`
[
  1,
  "4d8186790715",
]
`);
});

test('a surprise comes back from its steps within one step, and is capped', () => {
  const steps = new Uint8Array(SPOKEN);
  const vector = new Float32Array(FEATURES);
  for (const surprise of [0, 0.5, 1.23, 4, 7.9]) {
    steps[3] = stepsOf(surprise);
    writeVector(vector, steps, 0, 1, 1, 1);
    expect(surpriseOfInput(vector[3])).toBeLessThanOrEqual(surprise);
    expect(surpriseOfInput(vector[3])).toBeGreaterThan(surprise - 1 / 32 - 1e-9);
  }
  expect(stepsOf(99)).toBe(255);
  expect(stepsOf(-1)).toBe(0);
});

test('detectors that are no feature have no place', () => {
  expect(placeOf('newcomer')).toBe(0);
  for (const name of [...rules, 'model', '__proto__']) expect(placeOf(name)).toBe(-1);
});
