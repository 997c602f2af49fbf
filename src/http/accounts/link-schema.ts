/** What is sent by whoever follows a link that works once. */
import { Type } from 'typebox';
import { Password, storable, Username } from '../framework/common-schema.ts';

const token = storable({ maxLength: 100, description: 'What stands behind the `#` of the link.' });

export const SetupBody = Type.Object({ token, username: Username, password: Password });
export const ChosenPassword = Type.Object({ token, password: Password });
