CREATE TABLE accounts (
  id bigint NOT NULL,
  posted bigint NOT NULL,
  held bigint NOT NULL,
  transfer_count bigint NOT NULL
);
CREATE TABLE api_keys (
  id text COLLATE "C" NOT NULL,
  user_id bigint NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  secret_hash text COLLATE "C" NOT NULL,
  models text,
  budget bigint,
  spent bigint NOT NULL,
  held bigint NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  last_used_at bigint,
  ended_at bigint
);
CREATE TABLE audit_log (
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  address text,
  action text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  reason text,
  before text,
  after text
);
CREATE TABLE conversations (
  id text COLLATE "C" NOT NULL,
  user_id bigint NOT NULL,
  title text NOT NULL,
  model text,
  system_prompt text NOT NULL,
  leaf_id text COLLATE "C",
  share_token text COLLATE "C",
  adopts_orphans bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE TABLE holds (
  id text COLLATE "C" NOT NULL,
  account_id bigint NOT NULL,
  credits bigint NOT NULL,
  state text NOT NULL,
  lease_id text,
  model text,
  price text,
  input_tokens bigint,
  idempotency_key text,
  api_key_id text COLLATE "C",
  stop_requested_at bigint,
  created_at bigint NOT NULL,
  ended_at bigint
);
CREATE TABLE idempotency_keys (
  scope text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  body_hash text NOT NULL,
  made_id text NOT NULL,
  created_at bigint NOT NULL
);
CREATE TABLE idempotent_responses (
  id text COLLATE "C" NOT NULL,
  content_type text NOT NULL,
  body text NOT NULL,
  created_at bigint NOT NULL
);
CREATE TABLE journal (
  generation_id text COLLATE "C" NOT NULL,
  piece bigint NOT NULL,
  text text NOT NULL,
  non_reply_output text NOT NULL
);
CREATE TABLE kysely_migration (
  name character varying(255) NOT NULL,
  timestamp character varying(255) NOT NULL
);
CREATE TABLE kysely_migration_lock (
  id character varying(255) NOT NULL,
  is_locked integer DEFAULT 0 NOT NULL
);
CREATE TABLE leases (
  id text COLLATE "C" NOT NULL,
  expires_at bigint NOT NULL
);
CREATE TABLE messages (
  id text COLLATE "C" NOT NULL,
  user_id bigint NOT NULL,
  conversation_id text COLLATE "C",
  parent_id text COLLATE "C",
  is_relayed bigint DEFAULT 0 NOT NULL,
  model text NOT NULL,
  content text NOT NULL,
  reply text,
  status text NOT NULL,
  failure text,
  created_at bigint NOT NULL,
  ended_at bigint,
  erased_at bigint
);
CREATE TABLE one_time_links (
  token_hash text COLLATE "C" NOT NULL,
  purpose text NOT NULL,
  user_id bigint,
  expires_at bigint NOT NULL
);
CREATE TABLE refresh_tokens (
  jti text COLLATE "C" NOT NULL,
  user_id bigint NOT NULL,
  issued_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked_at bigint
);
CREATE TABLE transfers (
  id text COLLATE "C" NOT NULL,
  account_id bigint NOT NULL,
  number bigint NOT NULL,
  kind text NOT NULL,
  credits bigint NOT NULL,
  balance_after bigint NOT NULL,
  actor text NOT NULL,
  reason text,
  refund_of text COLLATE "C",
  model text,
  usage_input bigint,
  usage_cached_input bigint,
  usage_output bigint,
  usage_source text,
  price text,
  shortfall bigint NOT NULL,
  created_at bigint NOT NULL
);
CREATE TABLE usage_active (
  period text COLLATE "C" NOT NULL,
  users bigint NOT NULL
);
CREATE TABLE usage_models (
  granularity text NOT NULL,
  period text COLLATE "C" NOT NULL,
  model text COLLATE "C" NOT NULL,
  messages bigint NOT NULL,
  failed bigint NOT NULL,
  charged bigint NOT NULL,
  shortfall bigint NOT NULL,
  refunded bigint NOT NULL,
  usage_input bigint NOT NULL,
  usage_cached_input bigint NOT NULL,
  usage_output bigint NOT NULL,
  durations text NOT NULL
);
CREATE TABLE usage_progress (
  id bigint NOT NULL,
  until_at bigint NOT NULL
);
CREATE TABLE usage_users (
  user_id bigint NOT NULL,
  period text COLLATE "C" NOT NULL,
  messages bigint NOT NULL,
  failed bigint NOT NULL,
  charged bigint NOT NULL,
  usage_input bigint NOT NULL,
  usage_output bigint NOT NULL
);
CREATE TABLE users (
  id bigint NOT NULL,
  username text COLLATE "C",
  password_hash text NOT NULL,
  is_active bigint NOT NULL,
  is_staff bigint NOT NULL,
  is_superuser bigint NOT NULL,
  joined_at bigint NOT NULL,
  refresh_cutoff_at bigint NOT NULL,
  access_cutoff_at bigint DEFAULT 0 NOT NULL,
  last_seen_at bigint DEFAULT 0 NOT NULL,
  deleted_at bigint
);

INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117227951035987', '4000', '0', '1');
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117227951451537', '4194', '4097', '7');
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117227951731244', '3950', '0', '4');
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117227951981947', '4000', '0', '1');
INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, models, budget, spent, held, created_at, expires_at, last_used_at, ended_at)
VALUES ('01a220be-d017-76e1-b1dc-9479bcbaab86', '117227951451537', 'editor', 'chit_rRYVL6k', 'c3741f2d33533c4648289efde7b15c0ab44df0c4c3916755710f0d181ddf511f', NULL, '500', '13', '0', '1795845705751', NULL, '1795845705758', NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-ce11-7751-908a-273cd5e39a35', '1795845705233', 'cli:root', NULL, 'user.create', 'user:117227951035987', NULL, NULL, '{"is_staff":true,"is_superuser":true,"tokens":4000}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-d13f-7184-a4b5-df87b18075f0', '1795845706047', 'cli:root', NULL, 'credits.grant', 'user:117227951451537', 'A gift', NULL, '{"tokens":250,"transfer":"01a220be-d13f-7183-b9cf-35173b7a9049"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-d25d-77e0-961f-95c329ff7907', '1795845706333', 'cli:root', NULL, 'credits.grant', 'user:117227951731244', 'Taken back', NULL, '{"tokens":-50,"transfer":"01a220be-d25d-77df-9c2e-e32d4819e73e"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-d38b-756d-8373-fcfa545c77b3', '1795845706635', 'cli:root', NULL, 'credits.refund', 'user:117227951731244', 'It was not good', NULL, '{"charge":"01a220be-cfeb-7739-9e1b-a5422c10d321","transfer":"01a220be-d38b-756c-b2e5-e6d581607c96"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-d4ab-7046-a4c3-24636d53f212', '1795845706923', 'cli:root', NULL, 'user.change', 'user:117227951981947', NULL, '{"is_active":true,"is_staff":false,"is_superuser":false}', '{"is_active":false,"is_staff":false,"is_superuser":false}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-d4c9-7751-bcfb-a983d8dcd65c', '1795845706953', 'user:117227951035987', '127.0.0.1', 'user.password_link', 'user:117227951731244', NULL, NULL, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a220be-d5d8-7354-add3-d44e0e5d30c4', '1795845707224', 'cli:root', NULL, 'user.delete', 'user:117227951981947', NULL, '{"tokens":4000,"keys":0}', NULL);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, adopts_orphans, created_at, updated_at)
VALUES ('01a220be-cff5-74bd-89a7-5889c1e4a473', '117227951451537', 'Hello', NULL, '', '01a220be-cfc1-7401-83ff-3cdd7f95d6d1', NULL, '1', '1795845705499', '1795845705665');
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, adopts_orphans, created_at, updated_at)
VALUES ('01a220be-d000-756b-8968-6d650574dd3d', '117227951451537', 'Mine', NULL, '', '01a220be-d007-71fc-ad8b-7a01ee142301', 'uavO9EvmoUyPTs0GXDq8UIrs', '0', '1795845705728', '1795845705735');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-cf1b-7534-83de-301ddda1ff90', '117227951451537', '10', 'settled', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', 'a key of chat', NULL, NULL, '1795845705499', '1795845705516');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-cf97-70f1-ae38-c1b430c2d2d1', '117227951451537', '3990', 'settled', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '6', NULL, NULL, NULL, '1795845705623', '1795845705630');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-cfa6-7630-a7cb-30a2bbd90e0b', '117227951451537', '3977', 'released', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '2', NULL, NULL, NULL, '1795845705638', '1795845705651');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-cfc1-7401-83ff-3cdd7f95d6d1', '117227951451537', '3977', 'settled', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '3', NULL, NULL, NULL, '1795845705665', '1795845705702');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-cfeb-7739-9e1b-a5422c10d321', '117227951731244', '10', 'settled', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', NULL, NULL, NULL, '1795845705707', '1795845705711');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-d007-71fc-ad8b-7a01ee142301', '117227951451537', '3970', 'settled', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '3', NULL, NULL, NULL, '1795845705735', '1795845705745');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220be-d021-71af-978d-c629e8971ccd', '117227951451537', '500', 'settled', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '2', 'a key of v1', '01a220be-d017-76e1-b1dc-9479bcbaab86', NULL, '1795845705761', '1795845705764');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_requested_at, created_at, ended_at)
VALUES ('01a220bf-de6b-7654-9599-8958ceb70d23', '117227951451537', '4097', 'open', '01a220be-cba8-7701-821f-d4a2ba31d52f', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '4', NULL, NULL, NULL, '1795845774955', NULL);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117227951451537', 'a key of chat', 'BJfun-ER6vNp4xnkXtHwu7xMA0ul0brwPSdK9aNXD7k', '01a220be-cf1b-7534-83de-301ddda1ff90', '1795845705499');
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117227951451537', 'a key of v1', 'Zfit37KAvVJ-rMPvwcxvIir8GNoUJK-DSVEUrgMhQtA', '01a220be-d021-71af-978d-c629e8971ccd', '1795845705761');
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('grant:117227951451537', 'a key of grant', 'LnN1mDWbLoZO23Q5v7Fdh-rfJtXBo4V-oAK_Ovo8E08', '01a220be-d13f-7183-b9cf-35173b7a9049', '1795845706047');
INSERT INTO idempotent_responses (id, content_type, body, created_at)
VALUES ('01a220be-d021-71af-978d-c629e8971ccd', 'application/json', '{"id":"chatcmpl-13","object":"chat.completion","created":1795845705,"model":"metered","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_emulated"}', '1795845705761');
INSERT INTO journal (generation_id, piece, text, non_reply_output)
VALUES ('01a220bf-de6b-7654-9599-8958ceb70d23', '0', 'Grüße aus 東京 und Zürich', '');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0001-initial', '2026-11-28T06:01:44.597Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0002-administration', '2026-11-28T06:01:44.608Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0003-codes-and-names', '2026-11-28T06:01:44.613Z');
INSERT INTO kysely_migration_lock (id, is_locked)
VALUES ('migration_lock', 0);
INSERT INTO leases (id, expires_at)
VALUES ('01a220be-cba8-7701-821f-d4a2ba31d52f', '1795845784952');
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-cf1b-7534-83de-301ddda1ff90', '117227951451537', '01a220be-cff5-74bd-89a7-5889c1e4a473', NULL, '0', 'flat', 'Hello', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795845705499', '1795845705516', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-cf97-70f1-ae38-c1b430c2d2d1', '117227951451537', '01a220be-cff5-74bd-89a7-5889c1e4a473', '01a220be-cf1b-7534-83de-301ddda1ff90', '0', 'metered', 'It''s a ''quoted'' question', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795845705623', '1795845705630', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-cfa6-7630-a7cb-30a2bbd90e0b', '117227951451537', '01a220be-cff5-74bd-89a7-5889c1e4a473', '01a220be-cf97-70f1-ae38-c1b430c2d2d1', '0', 'metered', 'This fails', NULL, 'failed', 'model_failed', '1795845705638', '1795845705651', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-cfc1-7401-83ff-3cdd7f95d6d1', '117227951451537', '01a220be-cff5-74bd-89a7-5889c1e4a473', '01a220be-cfa6-7630-a7cb-30a2bbd90e0b', '0', 'metered', 'This breaks off', 'Grüße aus 東京 und', 'incomplete', 'model_broke_off', '1795845705665', '1795845705702', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-cfeb-7739-9e1b-a5422c10d321', '117227951731244', NULL, NULL, '0', 'flat', 'From bob', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795845705707', '1795845705711', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-d007-71fc-ad8b-7a01ee142301', '117227951451537', '01a220be-d000-756b-8968-6d650574dd3d', NULL, '0', 'metered', 'In a conversation', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795845705735', '1795845705745', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220be-d021-71af-978d-c629e8971ccd', '117227951451537', NULL, NULL, '1', 'metered', 'Relayed', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795845705761', '1795845705764', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a220bf-de6b-7654-9599-8958ceb70d23', '117227951451537', NULL, NULL, '0', 'metered', 'This is never finished', NULL, 'pending', NULL, '1795845774955', NULL, NULL);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('5a48cd033d45845e7e26bff8992f3a57a2d778d367ccac93efa06dcc254f0130', 'password', '117227951731244', '1795932106953');
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('fd48dd0a6e433420881845cb0e30091ecab342c1270ce114ae26a19e6c9ee48d', 'setup', NULL, '1795847504934');
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('249ec44f05ae65191c0ce6205c6fd14c', '117227951451537', '1795845705000', '1795932105000', NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('72a5d92394dcb3e3df02aa845c946560', '117227951731244', '1795845705000', '1795932105000', NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('79b0be2062806b6bcd10343bf87c43c4', '117227951035987', '1795845705000', '1795932105000', NULL);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-ce11-7750-86db-406d058e79a6', '117227951035987', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845705233');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-ce76-747a-9874-b80b2782a236', '117227951451537', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845705334');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-cebb-74e0-9229-a90d8643dbc8', '117227951731244', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845705403');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-cef8-717e-a16b-99c193797032', '117227951981947', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845705464');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-cf1b-7534-83de-301ddda1ff90', '117227951451537', '2', 'charge', '-10', '3990', 'system', NULL, NULL, 'flat', '1', '0', '12', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', '1795845705516');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-cf97-70f1-ae38-c1b430c2d2d1', '117227951451537', '3', 'charge', '-13', '3977', 'system', NULL, NULL, 'metered', '4', '0', '12', 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795845705630');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-cfc1-7401-83ff-3cdd7f95d6d1', '117227951451537', '4', 'charge', '-7', '3970', 'system', NULL, NULL, 'metered', '3', NULL, '6', 'counted', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795845705702');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-cfeb-7739-9e1b-a5422c10d321', '117227951731244', '2', 'charge', '-10', '3990', 'system', NULL, NULL, 'flat', '2', '0', '12', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', '1795845705711');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-d007-71fc-ad8b-7a01ee142301', '117227951451537', '5', 'charge', '-13', '3957', 'system', NULL, NULL, 'metered', '3', '0', '12', 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795845705745');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-d021-71af-978d-c629e8971ccd', '117227951451537', '6', 'charge', '-13', '3944', 'system', NULL, NULL, 'metered', '1', '0', '12', 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795845705764');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-d13f-7183-b9cf-35173b7a9049', '117227951451537', '7', 'grant', '250', '4194', 'cli:root', 'A gift', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845706047');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-d25d-77df-9c2e-e32d4819e73e', '117227951731244', '3', 'adjustment', '-50', '3940', 'cli:root', 'Taken back', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845706333');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a220be-d38b-756c-b2e5-e6d581607c96', '117227951731244', '4', 'refund', '10', '3950', 'cli:root', 'It was not good', '01a220be-cfeb-7739-9e1b-a5422c10d321', NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795845706635');
INSERT INTO usage_active (period, users)
VALUES ('2026-11', '2');
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28', '2');
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28T06', '2');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'flat', '2', '0', '20', '0', '10', '3', '0', '24', '[1,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'metered', '4', '1', '46', '0', '0', '11', '0', '42', '[2,1,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T06', 'flat', '2', '0', '20', '0', '10', '3', '0', '24', '[1,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T06', 'metered', '4', '1', '46', '0', '0', '11', '0', '42', '[2,1,0,0,0,0,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'flat', '2', '0', '20', '0', '10', '3', '0', '24', '[1,0,0,1]');
INSERT INTO usage_models (granularity, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'metered', '4', '1', '46', '0', '0', '11', '0', '42', '[2,1,0,0,0,0,0,0,1]');
INSERT INTO usage_progress (id, until_at)
VALUES ('1', '1795845714931');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117227951451537', '2026-11', '5', '1', '56', '12', '54');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117227951451537', '2026-11-28', '5', '1', '56', '12', '54');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117227951451537', '2026-11-28T06', '5', '1', '56', '12', '54');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117227951731244', '2026-11', '1', '0', '10', '2', '12');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117227951731244', '2026-11-28', '1', '0', '10', '2', '12');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117227951731244', '2026-11-28T06', '1', '0', '10', '2', '12');
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117227951035987', 'root', '$argon2id$v=19$m=19456,t=2,p=1$6fCtI8oE4t0gjL6lPjAPzw$udTrHkevFk7YSCtxMF/HlJlVNvid6wauSng8dr8FmRQ', '1', '1', '1', '1795845705233', '0', '0', '1795845706950', NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117227951451537', 'ada', '$argon2id$v=19$m=19456,t=2,p=1$A0OcC/LaC2e5e3MncOXUYQ$gDfvwrQqY8i0mNHomSBXZmjrHgU3kgmmA+ybQiS+SCM', '1', '0', '0', '1795845705334', '0', '0', '1795845705758', NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117227951731244', 'bob', '$argon2id$v=19$m=19456,t=2,p=1$mf97eoXV3Os24lRjGP1ZFw$3nCny+s1UaX+0y25RlmiISHMcucJXak8QPFYU9LXTFc', '1', '0', '0', '1795845705403', '0', '0', '1795845705706', NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117227951981947', NULL, '', '0', '0', '0', '1795845705464', '0', '0', '0', '1795845707224');

SET check_function_bodies = off;

ALTER TABLE accounts ADD CONSTRAINT accounts_check
  CHECK (((0 <= held) AND (held <= posted)));
ALTER TABLE accounts ADD CONSTRAINT accounts_pkey
  PRIMARY KEY (id);
ALTER TABLE accounts ADD CONSTRAINT accounts_posted_check
  CHECK ((posted <= '1000000000000000'::bigint));
ALTER TABLE api_keys ADD CONSTRAINT api_keys_check
  CHECK (((budget IS NULL) OR ((spent + held) <= budget)));
ALTER TABLE api_keys ADD CONSTRAINT api_keys_held_check
  CHECK ((held >= 0));
ALTER TABLE api_keys ADD CONSTRAINT api_keys_pkey
  PRIMARY KEY (id);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_secret_hash_key
  UNIQUE (secret_hash);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_spent_check
  CHECK ((spent >= 0));
ALTER TABLE audit_log ADD CONSTRAINT audit_log_pkey
  PRIMARY KEY (id);
ALTER TABLE conversations ADD CONSTRAINT conversations_adopts_orphans_check
  CHECK ((adopts_orphans = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE conversations ADD CONSTRAINT conversations_pkey
  PRIMARY KEY (id);
ALTER TABLE conversations ADD CONSTRAINT conversations_share_token_key
  UNIQUE (share_token);
ALTER TABLE holds ADD CONSTRAINT holds_check
  CHECK (((state = 'open'::text) = (ended_at IS NULL)));
ALTER TABLE holds ADD CONSTRAINT holds_check1
  CHECK (((state = 'released'::text) OR ((lease_id IS NOT NULL) AND (model IS NOT NULL) AND (price IS NOT NULL) AND (input_tokens IS NOT NULL))));
ALTER TABLE holds ADD CONSTRAINT holds_credits_check
  CHECK ((credits >= 0));
ALTER TABLE holds ADD CONSTRAINT holds_pkey
  PRIMARY KEY (id);
ALTER TABLE holds ADD CONSTRAINT holds_state_check
  CHECK ((state = ANY (ARRAY['open'::text, 'settled'::text, 'released'::text])));
ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_pkey
  PRIMARY KEY (scope, key);
ALTER TABLE idempotent_responses ADD CONSTRAINT idempotent_responses_pkey
  PRIMARY KEY (id);
ALTER TABLE journal ADD CONSTRAINT journal_pkey
  PRIMARY KEY (generation_id, piece);
ALTER TABLE kysely_migration ADD CONSTRAINT kysely_migration_pkey
  PRIMARY KEY (name);
ALTER TABLE kysely_migration_lock ADD CONSTRAINT kysely_migration_lock_pkey
  PRIMARY KEY (id);
ALTER TABLE leases ADD CONSTRAINT leases_pkey
  PRIMARY KEY (id);
ALTER TABLE messages ADD CONSTRAINT messages_is_relayed_check
  CHECK ((is_relayed = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE messages ADD CONSTRAINT messages_pkey
  PRIMARY KEY (id);
ALTER TABLE messages ADD CONSTRAINT messages_status_check
  CHECK ((status = ANY (ARRAY['pending'::text, 'complete'::text, 'incomplete'::text, 'failed'::text, 'imported'::text])));
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_check
  CHECK (((purpose = 'setup'::text) = (user_id IS NULL)));
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_pkey
  PRIMARY KEY (token_hash);
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_purpose_check
  CHECK ((purpose = ANY (ARRAY['setup'::text, 'password'::text])));
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_pkey
  PRIMARY KEY (jti);
ALTER TABLE transfers ADD CONSTRAINT transfers_balance_after_check
  CHECK ((balance_after >= 0));
ALTER TABLE transfers ADD CONSTRAINT transfers_check
  CHECK (((kind = 'charge'::text) = (reason IS NULL)));
ALTER TABLE transfers ADD CONSTRAINT transfers_check1
  CHECK (((kind = 'charge'::text) = ((model IS NOT NULL) AND (price IS NOT NULL) AND (usage_source IS NOT NULL))));
ALTER TABLE transfers ADD CONSTRAINT transfers_check2
  CHECK (((kind = 'refund'::text) = (refund_of IS NOT NULL)));
ALTER TABLE transfers ADD CONSTRAINT transfers_check3
  CHECK (
CASE kind
    WHEN 'charge'::text THEN (credits <= 0)
    WHEN 'adjustment'::text THEN (credits < 0)
    ELSE (credits > 0)
END);
ALTER TABLE transfers ADD CONSTRAINT transfers_kind_check
  CHECK ((kind = ANY (ARRAY['grant'::text, 'adjustment'::text, 'charge'::text, 'refund'::text])));
ALTER TABLE transfers ADD CONSTRAINT transfers_number_check
  CHECK ((number >= 1));
ALTER TABLE transfers ADD CONSTRAINT transfers_pkey
  PRIMARY KEY (id);
ALTER TABLE transfers ADD CONSTRAINT transfers_shortfall_check
  CHECK ((shortfall >= 0));
ALTER TABLE transfers ADD CONSTRAINT transfers_usage_source_check
  CHECK ((usage_source = ANY (ARRAY['provider'::text, 'counted'::text, 'flat'::text])));
ALTER TABLE usage_active ADD CONSTRAINT usage_active_pkey
  PRIMARY KEY (period);
ALTER TABLE usage_models ADD CONSTRAINT usage_models_granularity_check
  CHECK ((granularity = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text])));
ALTER TABLE usage_models ADD CONSTRAINT usage_models_pkey
  PRIMARY KEY (granularity, period, model);
ALTER TABLE usage_progress ADD CONSTRAINT usage_progress_id_check
  CHECK ((id = 1));
ALTER TABLE usage_progress ADD CONSTRAINT usage_progress_pkey
  PRIMARY KEY (id);
ALTER TABLE usage_users ADD CONSTRAINT usage_users_pkey
  PRIMARY KEY (user_id, period);
ALTER TABLE users ADD CONSTRAINT users_is_active_check
  CHECK ((is_active = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE users ADD CONSTRAINT users_is_staff_check
  CHECK ((is_staff = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE users ADD CONSTRAINT users_is_superuser_check
  CHECK ((is_superuser = ANY (ARRAY[(0)::bigint, (1)::bigint])));
ALTER TABLE users ADD CONSTRAINT users_pkey
  PRIMARY KEY (id);
ALTER TABLE users ADD CONSTRAINT users_username_key
  UNIQUE (username);
ALTER TABLE accounts ADD CONSTRAINT accounts_id_fkey
  FOREIGN KEY (id) REFERENCES users(id);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE conversations ADD CONSTRAINT conversations_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE holds ADD CONSTRAINT holds_account_id_fkey
  FOREIGN KEY (account_id) REFERENCES accounts(id);
ALTER TABLE holds ADD CONSTRAINT holds_api_key_id_fkey
  FOREIGN KEY (api_key_id) REFERENCES api_keys(id);
ALTER TABLE idempotent_responses ADD CONSTRAINT idempotent_responses_id_fkey
  FOREIGN KEY (id) REFERENCES holds(id);
ALTER TABLE journal ADD CONSTRAINT journal_generation_id_fkey
  FOREIGN KEY (generation_id) REFERENCES holds(id);
ALTER TABLE messages ADD CONSTRAINT messages_conversation_id_fkey
  FOREIGN KEY (conversation_id) REFERENCES conversations(id);
ALTER TABLE messages ADD CONSTRAINT messages_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_user_id_fkey
  FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE transfers ADD CONSTRAINT transfers_account_id_fkey
  FOREIGN KEY (account_id) REFERENCES accounts(id);
ALTER TABLE transfers ADD CONSTRAINT transfers_refund_of_fkey
  FOREIGN KEY (refund_of) REFERENCES transfers(id);

CREATE INDEX accounts_by_balance ON public.accounts USING btree (posted, id);
CREATE INDEX api_keys_by_user ON public.api_keys USING btree (user_id);
CREATE INDEX audit_log_by_action ON public.audit_log USING btree (action, id);
CREATE INDEX audit_log_by_actor ON public.audit_log USING btree (actor, id);
CREATE INDEX audit_log_by_target ON public.audit_log USING btree (target, id);
CREATE UNIQUE INDEX conversations_adopting_orphans ON public.conversations USING btree (user_id) WHERE (adopts_orphans = 1);
CREATE INDEX conversations_by_use ON public.conversations USING btree (user_id, updated_at, id);
CREATE INDEX holds_by_api_key ON public.holds USING btree (api_key_id) WHERE (api_key_id IS NOT NULL);
CREATE INDEX holds_open ON public.holds USING btree (lease_id) WHERE (state = 'open'::text);
CREATE INDEX holds_to_stop ON public.holds USING btree (id) WHERE ((stop_requested_at IS NOT NULL) AND (state = 'open'::text));
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);
CREATE INDEX idempotent_responses_by_age ON public.idempotent_responses USING btree (created_at);
CREATE INDEX messages_alone ON public.messages USING btree (user_id, is_relayed, id) WHERE ((conversation_id IS NULL) AND (erased_at IS NULL));
CREATE INDEX messages_by_conversation ON public.messages USING btree (conversation_id, id) WHERE (conversation_id IS NOT NULL);
CREATE UNIQUE INDEX one_time_links_by_user ON public.one_time_links USING btree (user_id);
CREATE UNIQUE INDEX one_time_links_setup ON public.one_time_links USING btree (purpose) WHERE (purpose = 'setup'::text);
CREATE INDEX refresh_tokens_by_user ON public.refresh_tokens USING btree (user_id);
CREATE UNIQUE INDEX transfers_by_account ON public.transfers USING btree (account_id, number);
CREATE UNIQUE INDEX transfers_by_refund ON public.transfers USING btree (refund_of) WHERE (refund_of IS NOT NULL);
CREATE INDEX usage_users_by_charge ON public.usage_users USING btree (period, charged, user_id) WHERE (length(period) < 13);
CREATE INDEX users_by_joining ON public.users USING btree (joined_at, id);
CREATE INDEX users_by_last_seen ON public.users USING btree (last_seen_at, id);
CREATE INDEX users_by_name ON public.users USING btree (lower(username), id);
CREATE INDEX users_disabled ON public.users USING btree (lower(username), id) WHERE ((is_active = 0) AND (deleted_at IS NULL));
CREATE INDEX users_staff ON public.users USING btree (lower(username), id) WHERE ((is_staff = 1) AND (deleted_at IS NULL));

CREATE OR REPLACE FUNCTION public.audit_log_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      BEGIN RAISE EXCEPTION 'rows of audit_log are never changed'; END $function$;
CREATE OR REPLACE FUNCTION public.ledger_apply(account_ids bigint[], opens json, grants json, distributions json, refunds json, journals json, settles json, releases json, hold_requests json)
 RETURNS TABLE(batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  same_id record;
  current_account bigint := -1;
  available bigint;
  amount bigint;
  admitted bigint[] := '{}';
  amounts bigint[] := '{}';
  ids text[] := '{}';
  -- What remains of the budgets of the API keys seen so far.
  api_key_ids text[] := '{}';
  remaining bigint[] := '{}';
  key_index int;
BEGIN
  IF refunds IS NOT NULL THEN
    account_ids := account_ids || ARRAY(
      SELECT account_id FROM transfers
      WHERE id IN (SELECT charge_id FROM json_to_recordset(refunds) AS x (charge_id text)));
  END IF;
  PERFORM 1 FROM accounts WHERE id = ANY (account_ids) ORDER BY id FOR UPDATE;
  -- Conversations that get a message must not be deleted before the commit. They are locked before
  -- any message changes, since deleting one locks the conversation first as well.
  IF hold_requests IS NOT NULL THEN
    PERFORM 1 FROM conversations
    WHERE id = ANY (ARRAY(SELECT conversation_id
      FROM json_to_recordset(hold_requests) AS x (conversation_id text)
      WHERE conversation_id IS NOT NULL))
    ORDER BY id FOR SHARE;
  END IF;

  IF opens IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_open(opens);
  END IF;
  IF grants IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_grant(grants);
  END IF;
  IF distributions IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_distribute(distributions);
  END IF;
  IF refunds IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_refund(refunds);
  END IF;

  IF journals IS NOT NULL THEN
    RETURN QUERY
    WITH requested AS (
      SELECT x.*, h.id AS open_id
      FROM json_to_recordset(journals)
        AS x (batch_index bigint, id text, account_id bigint, piece bigint, piece_text text,
          piece_non_reply_output text)
      LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
        AND h.ended_at IS NULL
    ), stored AS (
      INSERT INTO journal (generation_id, piece, text, non_reply_output)
      SELECT DISTINCT ON (id, piece) id, piece, piece_text, piece_non_reply_output FROM requested
      WHERE open_id IS NOT NULL ORDER BY id, piece, batch_index
      ON CONFLICT DO NOTHING
    )
    SELECT a.batch_index, CASE WHEN a.open_id IS NULL THEN 'hold_ended' ELSE 'journaled' END,
      NULL::bigint, NULL::bigint, NULL::bigint, NULL::text
    FROM requested a;
  END IF;

  IF settles IS NOT NULL THEN
    PERFORM ledger_settle(settles);
    RETURN QUERY SELECT * FROM ledger_ended(settles);
  END IF;
  IF releases IS NOT NULL THEN
    PERFORM ledger_release(releases);
    RETURN QUERY SELECT * FROM ledger_ended(releases);
  END IF;
  IF hold_requests IS NULL THEN
    RETURN;
  END IF;

  -- Commands are sorted by account, so one running balance is enough. The loop decides; the
  -- statement below writes all holds together.
  FOR c IN
    SELECT x.*, a.posted - a.held AS available, u.id AS known_user, v.id AS known_conversation,
      h.account_id AS earlier_account,
      h.credits AS earlier_credits, h.state AS earlier_state, f.id AS transfer_id,
      k.id AS known_api_key, k.budget - k.spent - k.held AS api_key_remaining
    FROM json_to_recordset(hold_requests) AS x (batch_index bigint, id text, account_id bigint,
      most bigint, least bigint, api_key_id text, key text, body_hash text, conversation_id text)
    LEFT JOIN accounts a ON a.id = x.account_id
    LEFT JOIN users u ON u.id = x.account_id AND u.is_active = 1
    LEFT JOIN conversations v ON v.id = x.conversation_id AND v.user_id = x.account_id
    LEFT JOIN api_keys k ON k.id = x.api_key_id AND k.user_id = x.account_id
      AND k.ended_at IS NULL
    LEFT JOIN holds h ON h.id = x.id
    LEFT JOIN transfers f ON f.id = x.id
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; n2 := NULL; n3 := NULL; detail := NULL;
    IF c.account_id <> current_account THEN
      current_account := c.account_id;
      available := c.available;
    END IF;
    IF c.key IS NOT NULL THEN
      SELECT k.made_id, k.body_hash, h.state INTO keyed
      FROM idempotency_keys k LEFT JOIN holds h ON h.id = k.made_id
      WHERE k.scope = 'chat:' || c.account_id AND k.key = c.key;
      IF FOUND AND keyed.made_id <> c.id THEN
        outcome := CASE WHEN keyed.body_hash <> c.body_hash THEN 'key_reused'
          WHEN keyed.state IS NULL OR keyed.state = 'open' THEN 'key_running' ELSE 'key_done' END;
        IF outcome = 'key_done' THEN detail := keyed.made_id; END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    IF c.id = ANY (ids) THEN
      SELECT x.account_id, amounts[array_position(ids, c.id)] AS credits INTO same_id
      FROM json_to_recordset(hold_requests) AS x (batch_index bigint, account_id bigint)
      WHERE x.batch_index = admitted[array_position(ids, c.id)];
      outcome := CASE WHEN same_id.account_id = c.account_id THEN 'held' ELSE 'id_taken' END;
      IF outcome = 'held' THEN n1 := same_id.credits; END IF;
    ELSIF c.earlier_account = c.account_id AND c.earlier_state <> 'released' THEN
      outcome := 'held'; n1 := c.earlier_credits;
    ELSIF c.earlier_account IS NOT NULL OR c.transfer_id IS NOT NULL THEN
      outcome := 'id_taken';
    ELSIF available IS NULL OR c.known_user IS NULL THEN
      outcome := 'account_unknown';
    ELSIF c.conversation_id IS NOT NULL AND c.known_conversation IS NULL THEN
      outcome := 'conversation_unknown';
    ELSIF c.api_key_id IS NOT NULL AND c.known_api_key IS NULL THEN
      outcome := 'api_key_unknown';
    ELSIF c.least > available THEN
      outcome := 'insufficient_credits'; n1 := available;
    ELSE
      amount := least(c.most, available);
      IF c.api_key_remaining IS NOT NULL THEN
        key_index := array_position(api_key_ids, c.api_key_id);
        IF key_index IS NULL THEN
          api_key_ids := api_key_ids || c.api_key_id; remaining := remaining || c.api_key_remaining;
          key_index := cardinality(remaining);
        END IF;
        IF c.least > remaining[key_index] THEN
          outcome := 'api_key_budget_exceeded'; n1 := remaining[key_index];
          RETURN NEXT;
          CONTINUE;
        END IF;
        amount := least(amount, remaining[key_index]);
        remaining[key_index] := remaining[key_index] - amount;
      END IF;
      available := available - amount;
      admitted := admitted || c.batch_index; amounts := amounts || amount; ids := ids || c.id;
      outcome := 'held'; n1 := amount;
      IF c.key IS NOT NULL THEN
        INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
        SELECT 'chat:' || c.account_id, c.key, c.body_hash, c.id, x.at
        FROM json_to_recordset(hold_requests) AS x (batch_index bigint, at bigint)
        WHERE x.batch_index = c.batch_index;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;

  IF admitted <> '{}' THEN
    WITH granted AS (
      SELECT x.*, g.amount
      FROM json_to_recordset(hold_requests) AS x (batch_index bigint, id text, account_id bigint,
        lease_id text, model text, price text, input_tokens bigint, key text, content text,
        api_key_id text, conversation_id text, parent_id text, at bigint)
      JOIN unnest(admitted, amounts) AS g (batch_index, amount) ON g.batch_index = x.batch_index
    ), opened AS (
      INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens,
        idempotency_key, api_key_id, created_at)
      SELECT id, account_id, amount, 'open', lease_id, model, price, input_tokens, key,
        api_key_id, at
      FROM granted
    ), api_key_holds AS (
      UPDATE api_keys k SET held = k.held + s.amount
      FROM (
        SELECT api_key_id, sum(amount)::bigint AS amount FROM granted
        WHERE api_key_id IS NOT NULL GROUP BY api_key_id
      ) s
      WHERE k.id = s.api_key_id
    ), stored_messages AS (
      INSERT INTO messages (id, user_id, model, content, status, created_at, conversation_id,
        parent_id, is_relayed)
      SELECT id, account_id, model, content, 'pending', at, conversation_id, parent_id,
        CASE WHEN api_key_id IS NULL THEN 0 ELSE 1 END
      FROM granted
    )
    UPDATE accounts a SET held = a.held + s.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM granted GROUP BY account_id) s
    WHERE a.id = s.account_id AND a.posted - a.held >= s.amount;
  END IF;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_audit(entries json)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
  SELECT * FROM json_to_recordset(coalesce(entries, '[]')) AS x (id text, at bigint, actor text,
    address text, action text, target text, reason text, before text, after text)
$function$;
CREATE OR REPLACE FUNCTION public.ledger_book(transfer_id text, of_account bigint, transfer_kind text, amount bigint, by_actor text, given_reason text, refunded_charge text, at bigint)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
DECLARE
  balance bigint;
  new_number bigint;
BEGIN
  UPDATE accounts SET posted = posted + amount, transfer_count = transfer_count + 1
  WHERE id = of_account AND posted + amount <= 1000000000000000 AND posted + amount >= held
  RETURNING posted, transfer_count INTO balance, new_number;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason,
    refund_of, shortfall, created_at)
  VALUES (transfer_id, of_account, new_number, transfer_kind, amount, balance, by_actor,
    given_reason, refunded_charge, 0, at);
  RETURN balance;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_distribute(distributions json)
 RETURNS TABLE(batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  earlier record;
  first_entry record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(distributions) AS x (batch_index bigint, entries json,
      actor text, reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; detail := NULL;
    SELECT made_id, body_hash INTO keyed FROM idempotency_keys
    WHERE scope = 'distribute:' || c.actor AND key = c.key;
    IF keyed.made_id IS NOT NULL THEN
      outcome := CASE WHEN keyed.body_hash <> c.body_hash THEN 'key_reused' ELSE 'distributed' END;
      detail := keyed.made_id;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT * INTO first_entry FROM ledger_entries(c.entries) e ORDER BY e.entry_index LIMIT 1;
    SELECT account_id, credits, kind INTO earlier FROM transfers WHERE id = first_entry.id;
    IF earlier.account_id = first_entry.account_id AND earlier.credits = first_entry.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'distributed'; detail := first_entry.id;
    ELSIF EXISTS (SELECT 1 FROM ledger_entries(c.entries) e WHERE ledger_id_taken(e.id)) THEN
      outcome := 'id_taken';
    ELSE
      SELECT json_agg(json_build_object('accountId', r.account_id, 'outcome', r.refusal)
        ORDER BY r.entry_index)::text INTO detail
      FROM (
        SELECT e.entry_index, e.account_id, CASE WHEN a.id IS NULL THEN 'account_unknown'
          WHEN a.posted + e.credits > 1000000000000000 THEN 'balance_limit'
          WHEN a.posted - a.held + e.credits < 0 THEN 'insufficient_credits' END AS refusal
        FROM ledger_entries(c.entries) e LEFT JOIN accounts a ON a.id = e.account_id
      ) r
      WHERE r.refusal IS NOT NULL;
      outcome := CASE WHEN detail IS NULL THEN 'distributed' ELSE 'refused' END;
      IF detail IS NULL THEN
        PERFORM ledger_book(e.id, e.account_id,
          CASE WHEN e.credits > 0 THEN 'grant' ELSE 'adjustment' END, e.credits, c.actor,
          c.reason, NULL, c.at)
        FROM ledger_entries(c.entries) e;
        PERFORM ledger_audit(c.audit);
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('distribute:' || c.actor, c.key, c.body_hash, first_entry.id, c.at)
          ON CONFLICT DO NOTHING;
          -- Another server has just used the key; the retry finds it above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        detail := first_entry.id;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_ended(commands json)
 RETURNS TABLE(batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
 LANGUAGE sql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
  SELECT x.batch_index, coalesce(h.state, 'hold_unknown'), -f.credits, f.shortfall, f.balance_after,
    NULL::text
  FROM json_to_recordset(commands) AS x (batch_index bigint, id text, account_id bigint)
  LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
  LEFT JOIN transfers f ON f.id = h.id
$function$;
CREATE OR REPLACE FUNCTION public.ledger_entries(entries json)
 RETURNS TABLE(entry_index bigint, id text, account_id bigint, credits bigint)
 LANGUAGE sql
AS $function$
  SELECT * FROM json_to_recordset(entries)
    AS x (entry_index bigint, id text, account_id bigint, credits bigint)
$function$;
CREATE OR REPLACE FUNCTION public.ledger_grant(grants json)
 RETURNS TABLE(batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  keyed record;
  earlier record;
  account record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(grants) AS x (batch_index bigint, id text, account_id bigint,
      credits bigint, actor text, reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; detail := NULL;
    SELECT made_id, body_hash INTO keyed FROM idempotency_keys
    WHERE scope = 'grant:' || c.account_id AND key = c.key;
    IF keyed.made_id IS NOT NULL THEN
      IF keyed.body_hash <> c.body_hash THEN
        outcome := 'key_reused';
      ELSE
        outcome := 'granted'; detail := keyed.made_id;
        SELECT balance_after INTO n1 FROM transfers WHERE id = keyed.made_id;
      END IF;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT account_id, credits, kind, balance_after INTO earlier FROM transfers WHERE id = c.id;
    IF FOUND AND earlier.account_id = c.account_id AND earlier.credits = c.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'granted'; detail := c.id; n1 := earlier.balance_after;
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSE
      n1 := ledger_book(c.id, c.account_id,
        CASE WHEN c.credits > 0 THEN 'grant' ELSE 'adjustment' END, c.credits, c.actor, c.reason,
        NULL, c.at);
      IF n1 IS NOT NULL THEN
        PERFORM ledger_audit(c.audit);
        outcome := 'granted'; detail := c.id;
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('grant:' || c.account_id, c.key, c.body_hash, c.id, c.at);
        END IF;
      ELSE
        SELECT posted, held INTO account FROM accounts WHERE id = c.account_id;
        outcome := CASE WHEN NOT FOUND THEN 'account_unknown'
          WHEN c.credits > 0 THEN 'balance_limit' ELSE 'insufficient_credits' END;
        IF outcome = 'insufficient_credits' THEN n1 := account.posted - account.held; END IF;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_id_taken(candidate text)
 RETURNS boolean
 LANGUAGE sql
AS $function$
  SELECT EXISTS (SELECT 1 FROM transfers WHERE id = candidate)
    OR EXISTS (SELECT 1 FROM holds WHERE id = candidate)
$function$;
CREATE OR REPLACE FUNCTION public.ledger_open(opens json)
 RETURNS TABLE(batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  owner bigint;
  keyed_id text;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(opens) AS x (batch_index bigint, account_id bigint,
      username text, password_hash text, is_staff bigint, is_superuser bigint, transfer_id text,
      credits bigint, key text, body_hash text, audit json, at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL;
    SELECT id INTO owner FROM users WHERE username = c.username;
    SELECT made_id INTO keyed_id FROM idempotency_keys WHERE scope = 'signup' AND key = c.key;
    IF keyed_id IS NOT NULL THEN
      outcome := CASE WHEN owner::text = keyed_id THEN 'opened' ELSE 'key_reused' END;
      IF outcome = 'opened' THEN n1 := owner; END IF;
    ELSIF owner = c.account_id THEN
      outcome := 'opened'; n1 := owner;
    ELSIF owner IS NOT NULL THEN
      outcome := 'username_taken';
    ELSIF ledger_id_taken(c.transfer_id) THEN
      outcome := 'id_taken';
    ELSE
      INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser,
        joined_at, refresh_cutoff_at)
      VALUES (c.account_id, c.username, c.password_hash, 1, c.is_staff, c.is_superuser, c.at, 0)
      ON CONFLICT DO NOTHING;
      IF FOUND THEN
        INSERT INTO accounts (id, posted, held, transfer_count) VALUES (c.account_id, 0, 0, 0);
        IF c.credits > 0 THEN
          PERFORM ledger_book(c.transfer_id, c.account_id, 'grant', c.credits, 'system',
            'Opening balance', NULL, c.at);
        END IF;
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('signup', c.key, c.body_hash, c.account_id::text, c.at)
          ON CONFLICT DO NOTHING;
          -- Another server has just used the key; the retry finds it above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        PERFORM ledger_audit(c.audit);
        outcome := 'opened'; n1 := c.account_id;
      ELSE
        SELECT id INTO owner FROM users WHERE username = c.username;
        outcome := CASE WHEN owner IS NULL THEN 'id_taken' ELSE 'username_taken' END;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_refund(refunds json)
 RETURNS TABLE(batch_index bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, detail text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  earlier record;
  charge record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(refunds)
      AS x (batch_index bigint, id text, charge_id text, actor text, reason text, audit json,
        at bigint)
    ORDER BY x.batch_index
  LOOP
    batch_index := c.batch_index; n1 := NULL; n2 := NULL; n3 := NULL;
    SELECT account_id, credits, balance_after, refund_of INTO earlier
    FROM transfers WHERE id = c.id;
    SELECT account_id, credits, kind INTO charge FROM transfers WHERE id = c.charge_id;
    IF earlier.refund_of = c.charge_id THEN
      outcome := 'refunded';
      n1 := earlier.account_id; n2 := earlier.credits; n3 := earlier.balance_after;
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSIF charge.account_id IS NULL THEN
      outcome := 'transfer_unknown';
    ELSIF charge.kind <> 'charge' OR charge.credits = 0 THEN
      outcome := 'not_refundable';
    ELSIF EXISTS (SELECT 1 FROM transfers WHERE refund_of = c.charge_id) THEN
      outcome := 'refunded_already';
    ELSE
      n3 := ledger_book(c.id, charge.account_id, 'refund', -charge.credits, c.actor, c.reason,
        c.charge_id, c.at);
      outcome := CASE WHEN n3 IS NULL THEN 'balance_limit' ELSE 'refunded' END;
      IF n3 IS NOT NULL THEN
        PERFORM ledger_audit(c.audit);
        n1 := charge.account_id; n2 := -charge.credits;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_release(releases json)
 RETURNS void
 LANGUAGE sql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
  WITH requested AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(releases)
      AS x (batch_index bigint, id text, account_id bigint, reason text, at bigint)
    ORDER BY x.id, x.account_id, x.batch_index
  ), ended AS (
    UPDATE holds h SET state = 'released', ended_at = a.at
    FROM requested a
    WHERE h.id = ANY (ARRAY(SELECT id FROM requested)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, h.idempotency_key, h.api_key_id, a.*
  ), returned AS (
    UPDATE accounts a SET held = a.held - s.held
    FROM (SELECT account_id, sum(held)::bigint AS held FROM ended GROUP BY account_id) s
    WHERE a.id = s.account_id
  ), api_key_holds AS (
    UPDATE api_keys k SET held = k.held - s.held
    FROM (
      SELECT api_key_id, sum(held)::bigint AS held
      FROM ended WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), deleted_pieces AS (
    DELETE FROM journal j USING ended e WHERE j.generation_id = e.id
  ), deleted_keys AS (
    DELETE FROM idempotency_keys k USING ended e
    WHERE k.scope = 'chat:' || e.account_id AND k.key = e.idempotency_key
  ), failed_messages AS (
    UPDATE messages m SET reply = NULL, status = 'failed', failure = e.reason, ended_at = e.at
    FROM ended e WHERE m.id = e.id
  )
  -- A hold that was never opened must not be opened late.
  INSERT INTO holds (id, account_id, credits, state, created_at, ended_at)
  SELECT DISTINCT ON (a.id) a.id, a.account_id, 0, 'released', a.at, a.at
  FROM requested a JOIN accounts known ON known.id = a.account_id
  WHERE NOT EXISTS (SELECT 1 FROM holds h WHERE h.id = a.id)
    AND NOT EXISTS (SELECT 1 FROM transfers f WHERE f.id = a.id)
  ORDER BY a.id, a.batch_index
  ON CONFLICT DO NOTHING
$function$;
CREATE OR REPLACE FUNCTION public.ledger_settle(settles json)
 RETURNS void
 LANGUAGE sql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
  WITH requested AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(settles) AS x (batch_index bigint, id text, account_id bigint,
      cost bigint, usage_input bigint, usage_cached_input bigint, usage_output bigint,
      usage_source text, charged_model text, charged_price text, reply text, status text,
      failure text, at bigint)
    ORDER BY x.id, x.account_id, x.batch_index
  ), ended AS (
    UPDATE holds h SET state = 'settled', ended_at = a.at
    FROM requested a
    WHERE h.id = ANY (ARRAY(SELECT id FROM requested)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, coalesce(a.charged_model, h.model) AS model,
      coalesce(a.charged_price, h.price) AS price, least(a.cost, h.credits) AS charged,
      h.api_key_id, a.*
  ), numbered AS (
    SELECT e.*,
      sum(charged) OVER (PARTITION BY account_id ORDER BY batch_index)::bigint AS charged_so_far,
      row_number() OVER (PARTITION BY account_id ORDER BY batch_index) AS charge_number
    FROM ended e
  ), debited AS (
    UPDATE accounts a
    SET posted = a.posted - s.charged, held = a.held - s.held,
      transfer_count = a.transfer_count + s.count
    FROM (
      SELECT account_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held,
        count(*) AS count
      FROM numbered GROUP BY account_id
    ) s
    WHERE a.id = s.account_id
    RETURNING a.id, a.posted + s.charged AS posted_before,
      a.transfer_count - s.count AS count_before
  ), charges AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, model,
      price, usage_input, usage_cached_input, usage_output, usage_source, shortfall, created_at)
    SELECT c.id, c.account_id, t.count_before + c.charge_number, 'charge', -c.charged,
      t.posted_before - c.charged_so_far, 'system', c.model, c.price, c.usage_input,
      c.usage_cached_input, c.usage_output, c.usage_source, c.cost - c.charged, c.at
    FROM numbered c JOIN debited t ON t.id = c.account_id
  ), api_key_spending AS (
    UPDATE api_keys k SET held = k.held - s.held, spent = k.spent + s.charged
    FROM (
      SELECT api_key_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held
      FROM numbered WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), deleted_pieces AS (
    DELETE FROM journal j USING numbered c WHERE j.generation_id = c.id
  )
  -- A message that was erased while the model was answering stays erased.
  UPDATE messages m SET reply = CASE WHEN m.erased_at IS NULL THEN c.reply ELSE '' END,
    status = c.status, failure = c.failure, ended_at = c.at
  FROM numbered c WHERE m.id = c.id
$function$;
CREATE OR REPLACE FUNCTION public.transfers_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      BEGIN RAISE EXCEPTION 'rows of transfers are never changed'; END $function$;

CREATE TRIGGER audit_log_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER transfers_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfers FOR EACH STATEMENT EXECUTE FUNCTION transfers_refuse_change();
