import { Type } from 'typebox';
import { Password, storable, Username } from '../framework/common-schema.ts';

const token = storable({ maxLength: 100, description: 'The part of the link after `#`.' });

export const SetupBody = Type.Object({ token, username: Username, password: Password });
export const ChosenPassword = Type.Object({ token, password: Password });
