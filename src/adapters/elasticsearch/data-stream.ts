/** Names of a data stream: type, dataset, namespace. The first two are fixed; External Alerts looks at `logs-*`. */
export const DATASET = 'keywatch.alert';

export const dataStreamName = (namespace: string): string => `logs-${DATASET}-${namespace}`;
