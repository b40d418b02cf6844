import { calibrationColumns } from '../decide/calibration';
import { baselineColumns } from '../detect/baseline';
import { modelColumns } from '../detect/model';
import { trafficColumns } from '../detect/traffic';
import type { ColumnSpec } from '../stats/columns';
import { canaryColumns } from './canary';
import { rowColumns } from './rows';
import type { EngineSettings } from './types';

/** All that a partition keeps in columns. */
export function columnsOf({ detectors, model }: Pick<EngineSettings, 'detectors' | 'model'>): readonly ColumnSpec[] {
  return [
    ...rowColumns,
    ...trafficColumns,
    ...canaryColumns,
    { name: 'engine.sweptAt', type: 'f64', width: 1, version: 1, scope: 'partition' },
    ...baselineColumns,
    ...calibrationColumns,
    ...detectors.flatMap(({ columns }) => columns),
    ...(model === undefined ? [] : modelColumns),
  ];
}
