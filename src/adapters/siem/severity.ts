import type { Severity } from '../../domain/alert';

export const severityWords: Readonly<Record<Severity, 'low' | 'medium' | 'high' | 'critical'>> = {
  21: 'low',
  47: 'medium',
  73: 'high',
  99: 'critical',
};
