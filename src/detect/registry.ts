import { auth } from './auth';
import { client } from './client';
import type { Detector } from './detector';
import { dormancy } from './dormancy';
import { errors } from './errors';
import { geography } from './geography';
import { growth } from './growth';
import { hours } from './hours';
import { limits } from './limits';
import { lists } from './lists';
import { newcomer } from './newcomer';
import { resources } from './resources';
import { routes } from './routes';
import { size } from './size';
import { spread } from './spread';
import { stuffing } from './stuffing';
import { travel } from './travel';
import { volume } from './volume';

/** All detectors, in the order in which they speak. One line each. */
export const detectors: readonly Detector[] = [
  newcomer,
  spread,
  stuffing,
  geography,
  travel,
  client,
  hours,
  dormancy,
  volume,
  growth,
  errors,
  auth,
  routes,
  resources,
  size,
  limits,
  lists,
];
