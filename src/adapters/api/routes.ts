import type { Desk } from './desk';
import { incidentRoutes } from './incident-routes';
import { keyRoutes } from './key-routes';
import type { Route } from './route';

/** Everything that the API can do. */
export const apiRoutes = (desk: Desk): readonly Route[] => [...keyRoutes(desk), ...incidentRoutes(desk)];
