/** Composition root: the only place that knows all parts. */
export { runEvaluate } from './evaluate';
export { runLearn } from './learn';
export { runLive } from './live';
export { mixInto } from './mix';
export { runPolicyReplay } from './policy-replay';
export { runReplay } from './replay';
export { runReport } from './report';
export { runTrain } from './train';
