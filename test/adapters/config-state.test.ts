import { readConfig } from '../../src/adapters/config-file';
import { detectors } from '../../src/detect/registry';

const kafka = { kind: 'kafka', brokers: ['localhost:9092'], topic: 'usage' };
const faults = (document: object): string[] => {
  const read = readConfig(JSON.stringify(document), {
    checkFiles: false,
    detectors: detectors.map(({ name }) => name),
  });
  return read.ok ? [] : read.faults.map(({ path, expected }) => `${path}: ${expected}`);
};

test('checkpoints may lie in a topic of the source’s brokers', () => {
  expect(faults({ source: kafka, state: { checkpoints: { kind: 'kafka' } } })).toEqual([]);
});

test.each([
  [
    { source: { kind: 'stdin' }, state: { checkpoints: { kind: 'kafka' } } },
    'state.checkpoints.kind: expected source.kind',
  ],
  [
    { source: kafka, state: { checkpoints: { kind: 'kafka', topic: 'usage' } } },
    'state.checkpoints.topic: expected a topic of its own; source.topic is the same',
  ],
  [
    { source: kafka, alerts: [{ ...kafka, topic: 'a' }], state: { checkpoints: { kind: 'kafka', topic: 'a' } } },
    'state.checkpoints.topic: expected a topic of its own; alerts[0].topic is the same',
  ],
  [{ source: { kind: 'stdin' }, enforce: { log: { kind: 'kafka' } } }, 'enforce.log.kind: expected source.kind'],
  [
    { source: kafka, enforce: { log: { kind: 'kafka', requestsTopic: 'a', ledgerTopic: 'a' } } },
    'enforce.log.ledgerTopic: expected a topic of its own; enforce.log.requestsTopic is the same',
  ],
  [{ source: kafka, state: { checkpoints: { kind: 'kafka', topic: 'no topic' } } }, 'expected a topic name'],
  [
    { source: { ...kafka, start: 'earliest', log: {} }, state: { learnHistory: true } },
    'state.learnHistory: expected false beside source.log, where it has no effect',
  ],
])('%j: %s', (document, expected) => {
  expect(faults(document)).toEqual([expect.stringContaining(expected)]);
});
