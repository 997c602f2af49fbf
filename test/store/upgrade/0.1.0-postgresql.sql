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
  is_loose bigint NOT NULL,
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
  stop_asked_at bigint,
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
CREATE TABLE journal (
  generation_id text COLLATE "C" NOT NULL,
  piece bigint NOT NULL,
  text text NOT NULL,
  aside text NOT NULL
);
CREATE TABLE kept_answers (
  id text COLLATE "C" NOT NULL,
  content_type text NOT NULL,
  body text NOT NULL,
  created_at bigint NOT NULL
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
  step text NOT NULL,
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
VALUES ('117207421247416', '4000', '0', '1');
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117207422307354', '4194', '4097', '7');
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117207422845807', '3950', '0', '4');
INSERT INTO accounts (id, posted, held, transfer_count)
VALUES ('117207423333901', '4000', '0', '1');
INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, models, budget, spent, held, created_at, expires_at, last_used_at, ended_at)
VALUES ('01a22072-5787-77e6-b17e-871abdd18a4d', '117207422307354', 'editor', 'chit_w6LCTpI', 'b9f7475f21562bd2d8c740f2660d82ced05eeb692d576ac1110095fb14d13493', NULL, '500', '13', '0', '1795840694151', NULL, '1795840694169', NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-5355-76a3-b91f-433c5a5ec642', '1795840693077', 'cli:root', NULL, 'user.create', 'user:117207421247416', NULL, NULL, '{"is_staff":true,"is_superuser":true,"tokens":4000}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-5cc8-7047-ab8a-0e6e7747cc5b', '1795840695496', 'cli:root', NULL, 'credits.grant', 'user:117207422307354', 'A gift', NULL, '{"tokens":250,"transfer":"01a22072-5cc8-7046-87c6-14210d3058b8"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-60c2-7013-bc1e-c8f9ac586fb8', '1795840696514', 'cli:root', NULL, 'credits.grant', 'user:117207422845807', 'Taken back', NULL, '{"tokens":-50,"transfer":"01a22072-60c2-7012-ad60-3d502ed072aa"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-62e3-7607-9635-fc4b4baaa3b4', '1795840697059', 'cli:root', NULL, 'credits.refund', 'user:117207422845807', 'It was not good', NULL, '{"charge":"01a22072-570f-7268-b278-677eca56130a","transfer":"01a22072-62e3-7606-865f-b61fa598caa1"}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-6443-7246-aaad-4a0eb0d109ed', '1795840697411', 'cli:root', NULL, 'user.change', 'user:117207423333901', NULL, '{"is_active":true,"is_staff":false,"is_superuser":false}', '{"is_active":false,"is_staff":false,"is_superuser":false}');
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-646b-77b7-a9a1-1db78dc17b76', '1795840697451', 'user:117207421247416', '127.0.0.1', 'user.password_link', 'user:117207422845807', NULL, NULL, NULL);
INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
VALUES ('01a22072-65b2-713d-9ca4-3f9279356560', '1795840697778', 'cli:root', NULL, 'user.delete', 'user:117207423333901', NULL, '{"tokens":4000,"keys":0}', NULL);
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, is_loose, created_at, updated_at)
VALUES ('01a22072-572d-742b-aa50-efc7519d88c6', '117207422307354', 'Hello', NULL, '', '01a22072-56d1-70aa-ba04-305161e3c7ce', NULL, '1', '1795840693684', '1795840693969');
INSERT INTO conversations (id, user_id, title, model, system_prompt, leaf_id, share_token, is_loose, created_at, updated_at)
VALUES ('01a22072-5745-7427-bdc8-66e8dd7dc952', '117207422307354', 'Mine', NULL, '', '01a22072-575c-711e-8088-8238f7d46961', 'dth_pbsMhmFxUgTXUOyhE28-', '0', '1795840694085', '1795840694108');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-55b4-77bd-9a0e-88aa009e7787', '117207422307354', '10', 'settled', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', 'a key of chat', NULL, NULL, '1795840693684', '1795840693717');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-55e9-74c8-a86b-4ad9cc1d2863', '117207422307354', '3990', 'settled', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '6', NULL, NULL, NULL, '1795840693737', '1795840693935');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-56ba-7690-a4b1-b42c79715b8f', '117207422307354', '3977', 'released', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '2', NULL, NULL, NULL, '1795840693946', '1795840693956');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-56d1-70aa-ba04-305161e3c7ce', '117207422307354', '3977', 'settled', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '3', NULL, NULL, NULL, '1795840693969', '1795840694002');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-570f-7268-b278-677eca56130a', '117207422845807', '10', 'settled', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', NULL, NULL, NULL, '1795840694031', '1795840694046');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-575c-711e-8088-8238f7d46961', '117207422307354', '3970', 'settled', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '3', NULL, NULL, NULL, '1795840694108', '1795840694119');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22072-57a1-734f-998a-37c766c84bb9', '117207422307354', '500', 'settled', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '2', 'a key of v1', '01a22072-5787-77e6-b17e-871abdd18a4d', NULL, '1795840694177', '1795840694185');
INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens, idempotency_key, api_key_id, stop_asked_at, created_at, ended_at)
VALUES ('01a22073-61ba-7136-8ec6-b17c8b4bab9f', '117207422307354', '4097', 'open', '01a22072-4cf0-7380-b7f6-089f71e96d7a', 'metered', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '4', NULL, NULL, NULL, '1795840762298', NULL);
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117207422307354', 'a key of chat', 'BJfun-ER6vNp4xnkXtHwu7xMA0ul0brwPSdK9aNXD7k', '01a22072-55b4-77bd-9a0e-88aa009e7787', '1795840693684');
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('chat:117207422307354', 'a key of v1', 'Zfit37KAvVJ-rMPvwcxvIir8GNoUJK-DSVEUrgMhQtA', '01a22072-57a1-734f-998a-37c766c84bb9', '1795840694177');
INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
VALUES ('grant:117207422307354', 'a key of grant', 'LnN1mDWbLoZO23Q5v7Fdh-rfJtXBo4V-oAK_Ovo8E08', '01a22072-5cc8-7046-87c6-14210d3058b8', '1795840695496');
INSERT INTO journal (generation_id, piece, text, aside)
VALUES ('01a22073-61ba-7136-8ec6-b17c8b4bab9f', '0', 'Grüße aus 東京 und Zürich', '');
INSERT INTO kept_answers (id, content_type, body, created_at)
VALUES ('01a22072-57a1-734f-998a-37c766c84bb9', 'application/json', '{"id":"chatcmpl-13","object":"chat.completion","created":1795840694,"model":"metered","choices":[{"index":0,"message":{"role":"assistant","content":"Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":12,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_emulated"}', '1795840694177');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0001-initial', '2026-11-28T04:38:11.406Z');
INSERT INTO kysely_migration (name, timestamp)
VALUES ('0002-administration', '2026-11-28T04:38:11.436Z');
INSERT INTO kysely_migration_lock (id, is_locked)
VALUES ('migration_lock', 0);
INSERT INTO leases (id, expires_at)
VALUES ('01a22072-4cf0-7380-b7f6-089f71e96d7a', '1795840772039');
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-55b4-77bd-9a0e-88aa009e7787', '117207422307354', '01a22072-572d-742b-aa50-efc7519d88c6', NULL, '0', 'flat', 'Hello', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795840693684', '1795840693717', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-55e9-74c8-a86b-4ad9cc1d2863', '117207422307354', '01a22072-572d-742b-aa50-efc7519d88c6', '01a22072-55b4-77bd-9a0e-88aa009e7787', '0', 'metered', 'It''s a ''quoted'' question', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795840693737', '1795840693935', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-56ba-7690-a4b1-b42c79715b8f', '117207422307354', '01a22072-572d-742b-aa50-efc7519d88c6', '01a22072-55e9-74c8-a86b-4ad9cc1d2863', '0', 'metered', 'This fails', NULL, 'failed', 'The model did not answer. Nothing was charged.', '1795840693946', '1795840693956', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-56d1-70aa-ba04-305161e3c7ce', '117207422307354', '01a22072-572d-742b-aa50-efc7519d88c6', '01a22072-56ba-7690-a4b1-b42c79715b8f', '0', 'metered', 'This breaks off', 'Grüße aus 東京 und', 'incomplete', 'The model broke off.', '1795840693969', '1795840694002', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-570f-7268-b278-677eca56130a', '117207422845807', NULL, NULL, '0', 'flat', 'From bob', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795840694031', '1795840694046', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-575c-711e-8088-8238f7d46961', '117207422307354', '01a22072-5745-7427-bdc8-66e8dd7dc952', NULL, '0', 'metered', 'In a conversation', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795840694108', '1795840694119', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22072-57a1-734f-998a-37c766c84bb9', '117207422307354', NULL, NULL, '1', 'metered', 'Relayed', 'Grüße aus 東京 und Zürich 🌍 für naïve 你好 Ümläute 👩‍🚀 здравствуй', 'complete', NULL, '1795840694177', '1795840694185', NULL);
INSERT INTO messages (id, user_id, conversation_id, parent_id, is_relayed, model, content, reply, status, failure, created_at, ended_at, erased_at)
VALUES ('01a22073-61ba-7136-8ec6-b17c8b4bab9f', '117207422307354', NULL, NULL, '0', 'metered', 'This is never finished', NULL, 'pending', NULL, '1795840762298', NULL, NULL);
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('4338d5b3e224c25b08bd8516e9a4651dd548de685ea4ac55b871ac5954f16d00', 'password', '117207422845807', '1795927097451');
INSERT INTO one_time_links (token_hash, purpose, user_id, expires_at)
VALUES ('75ebf54b77109251aa6fb834220d8312bf72cae035a83fa9f241a9d43a0085d7', 'setup', NULL, '1795842492033');
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('49372568cbf159d559771b97a110a891', '117207422307354', '1795840693000', '1795927093000', NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('da854576993b4d03e5e3f2db1b32f555', '117207422845807', '1795840693000', '1795927093000', NULL);
INSERT INTO refresh_tokens (jti, user_id, issued_at, expires_at, revoked_at)
VALUES ('f5061f021c02ec22a3f690031bdec412', '117207421247416', '1795840693000', '1795927093000', NULL);
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-5355-76a2-a07d-845405e13717', '117207421247416', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840693077');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-5459-7554-9bdb-56954944885d', '117207422307354', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840693337');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-54dc-731f-9864-abc60ccb23fe', '117207422845807', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840693468');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-5553-7235-be13-9d289680552f', '117207423333901', '1', 'grant', '4000', '4000', 'system', 'Opening balance', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840693587');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-55b4-77bd-9a0e-88aa009e7787', '117207422307354', '2', 'charge', '-10', '3990', 'system', NULL, NULL, 'flat', '1', '0', '12', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', '1795840693717');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-55e9-74c8-a86b-4ad9cc1d2863', '117207422307354', '3', 'charge', '-13', '3977', 'system', NULL, NULL, 'metered', '4', '0', '12', 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795840693935');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-56d1-70aa-ba04-305161e3c7ce', '117207422307354', '4', 'charge', '-7', '3970', 'system', NULL, NULL, 'metered', '3', NULL, '6', 'counted', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795840694002');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-570f-7268-b278-677eca56130a', '117207422845807', '2', 'charge', '-10', '3990', 'system', NULL, NULL, 'flat', '2', '0', '12', 'flat', '{"perMessage":10,"perMillionInput":0,"perMillionCachedInput":0,"perMillionOutput":0}', '0', '1795840694046');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-575c-711e-8088-8238f7d46961', '117207422307354', '5', 'charge', '-13', '3957', 'system', NULL, NULL, 'metered', '3', '0', '12', 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795840694119');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-57a1-734f-998a-37c766c84bb9', '117207422307354', '6', 'charge', '-13', '3944', 'system', NULL, NULL, 'metered', '1', '0', '12', 'provider', '{"perMessage":0,"perMillionInput":1000,"perMillionCachedInput":1000,"perMillionOutput":1000000}', '0', '1795840694185');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-5cc8-7046-87c6-14210d3058b8', '117207422307354', '7', 'grant', '250', '4194', 'cli:root', 'A gift', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840695496');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-60c2-7012-ad60-3d502ed072aa', '117207422845807', '3', 'adjustment', '-50', '3940', 'cli:root', 'Taken back', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840696514');
INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason, refund_of, model, usage_input, usage_cached_input, usage_output, usage_source, price, shortfall, created_at)
VALUES ('01a22072-62e3-7606-865f-b61fa598caa1', '117207422845807', '4', 'refund', '10', '3950', 'cli:root', 'It was not good', '01a22072-570f-7268-b278-677eca56130a', NULL, NULL, NULL, NULL, NULL, NULL, '0', '1795840697059');
INSERT INTO usage_active (period, users)
VALUES ('2026-11', '2');
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28', '2');
INSERT INTO usage_active (period, users)
VALUES ('2026-11-28T04', '2');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'flat', '2', '0', '20', '0', '10', '3', '0', '24', '[0,0,0,1,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('day', '2026-11-28', 'metered', '4', '1', '46', '0', '0', '11', '0', '42', '[1,1,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T04', 'flat', '2', '0', '20', '0', '10', '3', '0', '24', '[0,0,0,1,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('hour', '2026-11-28T04', 'metered', '4', '1', '46', '0', '0', '11', '0', '42', '[1,1,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'flat', '2', '0', '20', '0', '10', '3', '0', '24', '[0,0,0,1,0,0,0,1]');
INSERT INTO usage_models (step, period, model, messages, failed, charged, shortfall, refunded, usage_input, usage_cached_input, usage_output, durations)
VALUES ('month', '2026-11', 'metered', '4', '1', '46', '0', '0', '11', '0', '42', '[1,1,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,1]');
INSERT INTO usage_progress (id, until_at)
VALUES ('1', '1795840701992');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117207422307354', '2026-11', '5', '1', '56', '12', '54');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117207422307354', '2026-11-28', '5', '1', '56', '12', '54');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117207422307354', '2026-11-28T04', '5', '1', '56', '12', '54');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117207422845807', '2026-11', '1', '0', '10', '2', '12');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117207422845807', '2026-11-28', '1', '0', '10', '2', '12');
INSERT INTO usage_users (user_id, period, messages, failed, charged, usage_input, usage_output)
VALUES ('117207422845807', '2026-11-28T04', '1', '0', '10', '2', '12');
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117207421247416', 'root', '$argon2id$v=19$m=19456,t=2,p=1$MYSeaMpCx9dvRDFOyxhnHQ$xJi0n4cRBb7GQAcOAnGlaOcUhcvfkKEvoRovhaUylG4', '1', '1', '1', '1795840693077', '0', '0', '1795840697447', NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117207422307354', 'ada', '$argon2id$v=19$m=19456,t=2,p=1$QavsYWo4ajX09TnXwkEt3Q$p3O0bJfpRc1uOKLB3b95WgtrGGVDbX5LJNgSuiaaja8', '1', '0', '0', '1795840693337', '0', '0', '1795840694169', NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117207422845807', 'bob', '$argon2id$v=19$m=19456,t=2,p=1$5rAUhUSsi80BiWo1Om+XRQ$xIYQGLfbA1ffH/M5Otr+8rrsZDvqE1ZspbeApBiUmmk', '1', '0', '0', '1795840693468', '0', '0', '1795840694030', NULL);
INSERT INTO users (id, username, password_hash, is_active, is_staff, is_superuser, joined_at, refresh_cutoff_at, access_cutoff_at, last_seen_at, deleted_at)
VALUES ('117207423333901', NULL, '', '0', '0', '0', '1795840693587', '0', '0', '0', '1795840697778');

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
ALTER TABLE conversations ADD CONSTRAINT conversations_is_loose_check
  CHECK ((is_loose = ANY (ARRAY[(0)::bigint, (1)::bigint])));
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
ALTER TABLE journal ADD CONSTRAINT journal_pkey
  PRIMARY KEY (generation_id, piece);
ALTER TABLE kept_answers ADD CONSTRAINT kept_answers_pkey
  PRIMARY KEY (id);
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
ALTER TABLE usage_models ADD CONSTRAINT usage_models_pkey
  PRIMARY KEY (step, period, model);
ALTER TABLE usage_models ADD CONSTRAINT usage_models_step_check
  CHECK ((step = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text])));
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
ALTER TABLE journal ADD CONSTRAINT journal_generation_id_fkey
  FOREIGN KEY (generation_id) REFERENCES holds(id);
ALTER TABLE kept_answers ADD CONSTRAINT kept_answers_id_fkey
  FOREIGN KEY (id) REFERENCES holds(id);
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
CREATE INDEX conversations_by_use ON public.conversations USING btree (user_id, updated_at, id);
CREATE UNIQUE INDEX conversations_loose ON public.conversations USING btree (user_id) WHERE (is_loose = 1);
CREATE INDEX holds_by_api_key ON public.holds USING btree (api_key_id) WHERE (api_key_id IS NOT NULL);
CREATE INDEX holds_open ON public.holds USING btree (lease_id) WHERE (state = 'open'::text);
CREATE INDEX holds_to_stop ON public.holds USING btree (id) WHERE ((stop_asked_at IS NOT NULL) AND (state = 'open'::text));
CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);
CREATE INDEX kept_answers_by_age ON public.kept_answers USING btree (created_at);
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
CREATE OR REPLACE FUNCTION public.ledger_apply(account_ids bigint[], opens json, grants json, distributions json, refunds json, journals json, settles json, releases json, holds_asked json)
 RETURNS TABLE(place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  made record;
  booked record;
  spot bigint := -1;
  available bigint;
  amount bigint;
  admitted bigint[] := '{}';
  amounts bigint[] := '{}';
  ids text[] := '{}';
  -- What is left of the budgets of the API keys met so far.
  api_key_ids text[] := '{}';
  lefts bigint[] := '{}';
  nth int;
BEGIN
  IF refunds IS NOT NULL THEN
    account_ids := account_ids || ARRAY(
      SELECT account_id FROM transfers
      WHERE id IN (SELECT charge_id FROM json_to_recordset(refunds) AS x (charge_id text)));
  END IF;
  PERFORM 1 FROM accounts WHERE id = ANY (account_ids) ORDER BY id FOR UPDATE;
  -- Nobody deletes a conversation that something is to be said in, until it is said. Before any
  -- message is changed, since who deletes one begins with the conversation as well.
  IF holds_asked IS NOT NULL THEN
    PERFORM 1 FROM conversations
    WHERE id = ANY (ARRAY(SELECT conversation_id
      FROM json_to_recordset(holds_asked) AS x (conversation_id text)
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
    WITH asked AS (
      SELECT x.*, h.id AS open_id
      FROM json_to_recordset(journals)
        AS x (place bigint, id text, account_id bigint, piece bigint, piece_text text,
          piece_aside text)
      LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
        AND h.ended_at IS NULL
    ), kept AS (
      INSERT INTO journal (generation_id, piece, text, aside)
      SELECT DISTINCT ON (id, piece) id, piece, piece_text, piece_aside FROM asked
      WHERE open_id IS NOT NULL ORDER BY id, piece, place
      ON CONFLICT DO NOTHING
    )
    SELECT a.place, CASE WHEN a.open_id IS NULL THEN 'hold_ended' ELSE 'journaled' END,
      NULL::bigint, NULL::bigint, NULL::bigint, NULL::text
    FROM asked a;
  END IF;

  IF settles IS NOT NULL THEN
    PERFORM ledger_settle(settles);
    RETURN QUERY SELECT * FROM ledger_ended(settles);
  END IF;
  IF releases IS NOT NULL THEN
    PERFORM ledger_release(releases);
    RETURN QUERY SELECT * FROM ledger_ended(releases);
  END IF;
  IF holds_asked IS NULL THEN
    RETURN;
  END IF;

  -- Commands come sorted by account, so one running balance is enough. What is decided here is
  -- written below for all of them together.
  FOR c IN
    SELECT x.*, a.posted - a.held AS available, u.id AS known_user, v.id AS known_conversation,
      h.account_id AS earlier_account,
      h.credits AS earlier_credits, h.state AS earlier_state, f.id AS transfer_id,
      k.id AS known_api_key, k.budget - k.spent - k.held AS api_key_left
    FROM json_to_recordset(holds_asked) AS x (place bigint, id text, account_id bigint,
      most bigint, least bigint, api_key_id text, key text, body_hash text, conversation_id text)
    LEFT JOIN accounts a ON a.id = x.account_id
    LEFT JOIN users u ON u.id = x.account_id AND u.is_active = 1
    LEFT JOIN conversations v ON v.id = x.conversation_id AND v.user_id = x.account_id
    LEFT JOIN api_keys k ON k.id = x.api_key_id AND k.user_id = x.account_id
      AND k.ended_at IS NULL
    LEFT JOIN holds h ON h.id = x.id
    LEFT JOIN transfers f ON f.id = x.id
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; n2 := NULL; n3 := NULL; t := NULL;
    IF c.account_id <> spot THEN
      spot := c.account_id;
      available := c.available;
    END IF;
    IF c.key IS NOT NULL THEN
      SELECT k.made_id, k.body_hash, h.state INTO made
      FROM idempotency_keys k LEFT JOIN holds h ON h.id = k.made_id
      WHERE k.scope = 'chat:' || c.account_id AND k.key = c.key;
      IF FOUND AND made.made_id <> c.id THEN
        outcome := CASE WHEN made.body_hash <> c.body_hash THEN 'key_reused'
          WHEN made.state IS NULL OR made.state = 'open' THEN 'key_running' ELSE 'key_done' END;
        IF outcome = 'key_done' THEN t := made.made_id; END IF;
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;
    IF c.id = ANY (ids) THEN
      SELECT x.account_id, amounts[array_position(ids, c.id)] AS credits INTO made
      FROM json_to_recordset(holds_asked) AS x (place bigint, account_id bigint)
      WHERE x.place = admitted[array_position(ids, c.id)];
      outcome := CASE WHEN made.account_id = c.account_id THEN 'held' ELSE 'id_taken' END;
      IF outcome = 'held' THEN n1 := made.credits; END IF;
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
      IF c.api_key_left IS NOT NULL THEN
        nth := array_position(api_key_ids, c.api_key_id);
        IF nth IS NULL THEN
          api_key_ids := api_key_ids || c.api_key_id; lefts := lefts || c.api_key_left;
          nth := cardinality(lefts);
        END IF;
        IF c.least > lefts[nth] THEN
          outcome := 'api_key_budget_exceeded'; n1 := lefts[nth];
          RETURN NEXT;
          CONTINUE;
        END IF;
        amount := least(amount, lefts[nth]);
        lefts[nth] := lefts[nth] - amount;
      END IF;
      available := available - amount;
      admitted := admitted || c.place; amounts := amounts || amount; ids := ids || c.id;
      outcome := 'held'; n1 := amount;
      IF c.key IS NOT NULL THEN
        INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
        SELECT 'chat:' || c.account_id, c.key, c.body_hash, c.id, x.at
        FROM json_to_recordset(holds_asked) AS x (place bigint, at bigint)
        WHERE x.place = c.place;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;

  IF admitted <> '{}' THEN
    WITH granted AS (
      SELECT x.*, g.amount
      FROM json_to_recordset(holds_asked) AS x (place bigint, id text, account_id bigint,
        lease_id text, model text, price text, input_tokens bigint, key text, content text,
        api_key_id text, conversation_id text, parent_id text, at bigint)
      JOIN unnest(admitted, amounts) AS g (place, amount) ON g.place = x.place
    ), opened AS (
      INSERT INTO holds (id, account_id, credits, state, lease_id, model, price, input_tokens,
        idempotency_key, api_key_id, created_at)
      SELECT id, account_id, amount, 'open', lease_id, model, price, input_tokens, key,
        api_key_id, at
      FROM granted
    ), of_api_keys AS (
      UPDATE api_keys k SET held = k.held + s.amount
      FROM (
        SELECT api_key_id, sum(amount)::bigint AS amount FROM granted
        WHERE api_key_id IS NOT NULL GROUP BY api_key_id
      ) s
      WHERE k.id = s.api_key_id
    ), noted AS (
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
CREATE OR REPLACE FUNCTION public.ledger_book(wanted_id text, wanted_account bigint, wanted_kind text, amount bigint, by_actor text, why text, charge text, at bigint)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
DECLARE
  balance bigint;
  nth bigint;
BEGIN
  UPDATE accounts SET posted = posted + amount, transfer_count = transfer_count + 1
  WHERE id = wanted_account AND posted + amount <= 1000000000000000 AND posted + amount >= held
  RETURNING posted, transfer_count INTO balance, nth;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, reason,
    refund_of, shortfall, created_at)
  VALUES (wanted_id, wanted_account, nth, wanted_kind, amount, balance, by_actor, why, charge, 0,
    at);
  RETURN balance;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_distribute(distributions json)
 RETURNS TABLE(place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  made record;
  earlier record;
  foremost record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(distributions) AS x (place bigint, shares json, actor text,
      reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; t := NULL;
    SELECT made_id, body_hash INTO made FROM idempotency_keys
    WHERE scope = 'distribute:' || c.actor AND key = c.key;
    IF made.made_id IS NOT NULL THEN
      outcome := CASE WHEN made.body_hash <> c.body_hash THEN 'key_reused' ELSE 'distributed' END;
      t := made.made_id;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT * INTO foremost FROM ledger_shares(c.shares) s ORDER BY s.nth LIMIT 1;
    SELECT account_id, credits, kind INTO earlier FROM transfers WHERE id = foremost.id;
    IF earlier.account_id = foremost.account_id AND earlier.credits = foremost.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'distributed'; t := foremost.id;
    ELSIF EXISTS (SELECT 1 FROM ledger_shares(c.shares) s WHERE ledger_id_taken(s.id)) THEN
      outcome := 'id_taken';
    ELSE
      SELECT json_agg(json_build_object('accountId', r.account_id, 'outcome', r.why)
        ORDER BY r.nth)::text INTO t
      FROM (
        SELECT s.nth, s.account_id, CASE WHEN a.id IS NULL THEN 'account_unknown'
          WHEN a.posted + s.credits > 1000000000000000 THEN 'balance_limit'
          WHEN a.posted - a.held + s.credits < 0 THEN 'insufficient_credits' END AS why
        FROM ledger_shares(c.shares) s LEFT JOIN accounts a ON a.id = s.account_id
      ) r
      WHERE r.why IS NOT NULL;
      outcome := CASE WHEN t IS NULL THEN 'distributed' ELSE 'refused' END;
      IF t IS NULL THEN
        PERFORM ledger_book(s.id, s.account_id,
          CASE WHEN s.credits > 0 THEN 'grant' ELSE 'adjustment' END, s.credits, c.actor,
          c.reason, NULL, c.at)
        FROM ledger_shares(c.shares) s;
        PERFORM ledger_note(c.audit);
        IF c.key IS NOT NULL THEN
          INSERT INTO idempotency_keys (scope, key, body_hash, made_id, created_at)
          VALUES ('distribute:' || c.actor, c.key, c.body_hash, foremost.id, c.at)
          ON CONFLICT DO NOTHING;
          -- Another server used the key in this moment. Once more, and it will be seen above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        t := foremost.id;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $function$;
CREATE OR REPLACE FUNCTION public.ledger_ended(commands json)
 RETURNS TABLE(place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
 LANGUAGE sql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
  SELECT x.place, coalesce(h.state, 'hold_unknown'), -f.credits, f.shortfall, f.balance_after,
    NULL::text
  FROM json_to_recordset(commands) AS x (place bigint, id text, account_id bigint)
  LEFT JOIN holds h ON h.id = x.id AND h.account_id = x.account_id
  LEFT JOIN transfers f ON f.id = h.id
$function$;
CREATE OR REPLACE FUNCTION public.ledger_grant(grants json)
 RETURNS TABLE(place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  made record;
  earlier record;
  account record;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(grants) AS x (place bigint, id text, account_id bigint,
      credits bigint, actor text, reason text, key text, body_hash text, audit json, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; t := NULL;
    SELECT made_id, body_hash INTO made FROM idempotency_keys
    WHERE scope = 'grant:' || c.account_id AND key = c.key;
    IF made.made_id IS NOT NULL THEN
      IF made.body_hash <> c.body_hash THEN
        outcome := 'key_reused';
      ELSE
        outcome := 'granted'; t := made.made_id;
        SELECT balance_after INTO n1 FROM transfers WHERE id = made.made_id;
      END IF;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT account_id, credits, kind, balance_after INTO earlier FROM transfers WHERE id = c.id;
    IF FOUND AND earlier.account_id = c.account_id AND earlier.credits = c.credits
      AND earlier.kind IN ('grant', 'adjustment') THEN
      outcome := 'granted'; t := c.id; n1 := earlier.balance_after;
    ELSIF ledger_id_taken(c.id) THEN
      outcome := 'id_taken';
    ELSE
      n1 := ledger_book(c.id, c.account_id,
        CASE WHEN c.credits > 0 THEN 'grant' ELSE 'adjustment' END, c.credits, c.actor, c.reason,
        NULL, c.at);
      IF n1 IS NOT NULL THEN
        PERFORM ledger_note(c.audit);
        outcome := 'granted'; t := c.id;
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
CREATE OR REPLACE FUNCTION public.ledger_id_taken(wanted text)
 RETURNS boolean
 LANGUAGE sql
AS $function$
  SELECT EXISTS (SELECT 1 FROM transfers WHERE id = wanted)
    OR EXISTS (SELECT 1 FROM holds WHERE id = wanted)
$function$;
CREATE OR REPLACE FUNCTION public.ledger_note(entries json)
 RETURNS void
 LANGUAGE sql
AS $function$
  INSERT INTO audit_log (id, at, actor, address, action, target, reason, before, after)
  SELECT * FROM json_to_recordset(coalesce(entries, '[]')) AS x (id text, at bigint, actor text,
    address text, action text, target text, reason text, before text, after text)
$function$;
CREATE OR REPLACE FUNCTION public.ledger_open(opens json)
 RETURNS TABLE(place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
DECLARE
  c record;
  owner bigint;
  made text;
BEGIN
  FOR c IN
    SELECT * FROM json_to_recordset(opens) AS x (place bigint, account_id bigint, username text,
      password_hash text, is_staff bigint, is_superuser bigint, transfer_id text, credits bigint,
      key text, body_hash text, audit json, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL;
    SELECT id INTO owner FROM users WHERE username = c.username;
    SELECT made_id INTO made FROM idempotency_keys WHERE scope = 'signup' AND key = c.key;
    IF made IS NOT NULL THEN
      outcome := CASE WHEN owner::text = made THEN 'opened' ELSE 'key_reused' END;
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
          -- Another server used the key in this moment. Once more, and it will be seen above.
          IF NOT FOUND THEN RAISE EXCEPTION 'key in use' USING ERRCODE = '40001'; END IF;
        END IF;
        PERFORM ledger_note(c.audit);
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
 RETURNS TABLE(place bigint, outcome text, n1 bigint, n2 bigint, n3 bigint, t text)
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
      AS x (place bigint, id text, charge_id text, actor text, reason text, audit json, at bigint)
    ORDER BY x.place
  LOOP
    place := c.place; n1 := NULL; n2 := NULL; n3 := NULL;
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
        PERFORM ledger_note(c.audit);
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
  WITH asked AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(releases)
      AS x (place bigint, id text, account_id bigint, reason text, at bigint)
    ORDER BY x.id, x.account_id, x.place
  ), ended AS (
    UPDATE holds h SET state = 'released', ended_at = a.at
    FROM asked a
    WHERE h.id = ANY (ARRAY(SELECT id FROM asked)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, h.idempotency_key, h.api_key_id, a.*
  ), given_back AS (
    UPDATE accounts a SET held = a.held - s.held
    FROM (SELECT account_id, sum(held)::bigint AS held FROM ended GROUP BY account_id) s
    WHERE a.id = s.account_id
  ), of_api_keys AS (
    UPDATE api_keys k SET held = k.held - s.held
    FROM (
      SELECT api_key_id, sum(held)::bigint AS held
      FROM ended WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), pieces AS (
    DELETE FROM journal j USING ended e WHERE j.generation_id = e.id
  ), keys AS (
    DELETE FROM idempotency_keys k USING ended e
    WHERE k.scope = 'chat:' || e.account_id AND k.key = e.idempotency_key
  ), failed AS (
    UPDATE messages m SET reply = NULL, status = 'failed', failure = e.reason, ended_at = e.at
    FROM ended e WHERE m.id = e.id
  )
  -- What was never opened is kept from being opened late.
  INSERT INTO holds (id, account_id, credits, state, created_at, ended_at)
  SELECT DISTINCT ON (a.id) a.id, a.account_id, 0, 'released', a.at, a.at
  FROM asked a JOIN accounts known ON known.id = a.account_id
  WHERE NOT EXISTS (SELECT 1 FROM holds h WHERE h.id = a.id)
    AND NOT EXISTS (SELECT 1 FROM transfers f WHERE f.id = a.id)
  ORDER BY a.id, a.place
  ON CONFLICT DO NOTHING
$function$;
CREATE OR REPLACE FUNCTION public.ledger_settle(settles json)
 RETURNS void
 LANGUAGE sql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
  WITH asked AS (
    SELECT DISTINCT ON (x.id, x.account_id) x.*
    FROM json_to_recordset(settles) AS x (place bigint, id text, account_id bigint, cost bigint,
      usage_input bigint, usage_cached_input bigint, usage_output bigint, usage_source text,
      charged_model text, charged_price text, reply text, status text, failure text, at bigint)
    ORDER BY x.id, x.account_id, x.place
  ), ended AS (
    UPDATE holds h SET state = 'settled', ended_at = a.at
    FROM asked a
    WHERE h.id = ANY (ARRAY(SELECT id FROM asked)) AND h.id = a.id
      AND h.account_id = a.account_id AND h.ended_at IS NULL
    RETURNING h.credits AS held, coalesce(a.charged_model, h.model) AS model,
      coalesce(a.charged_price, h.price) AS price, least(a.cost, h.credits) AS charged,
      h.api_key_id, a.*
  ), counted AS (
    SELECT e.*,
      sum(charged) OVER (PARTITION BY account_id ORDER BY place)::bigint AS charged_so_far,
      row_number() OVER (PARTITION BY account_id ORDER BY place) AS nth
    FROM ended e
  ), taken AS (
    UPDATE accounts a
    SET posted = a.posted - s.charged, held = a.held - s.held,
      transfer_count = a.transfer_count + s.count
    FROM (
      SELECT account_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held,
        count(*) AS count
      FROM counted GROUP BY account_id
    ) s
    WHERE a.id = s.account_id
    RETURNING a.id, a.posted + s.charged AS posted_before, a.transfer_count - s.count AS before
  ), charges AS (
    INSERT INTO transfers (id, account_id, number, kind, credits, balance_after, actor, model,
      price, usage_input, usage_cached_input, usage_output, usage_source, shortfall, created_at)
    SELECT c.id, c.account_id, t.before + c.nth, 'charge', -c.charged,
      t.posted_before - c.charged_so_far, 'system', c.model, c.price, c.usage_input,
      c.usage_cached_input, c.usage_output, c.usage_source, c.cost - c.charged, c.at
    FROM counted c JOIN taken t ON t.id = c.account_id
  ), of_api_keys AS (
    UPDATE api_keys k SET held = k.held - s.held, spent = k.spent + s.charged
    FROM (
      SELECT api_key_id, sum(charged)::bigint AS charged, sum(held)::bigint AS held
      FROM counted WHERE api_key_id IS NOT NULL GROUP BY api_key_id
    ) s
    WHERE k.id = s.api_key_id
  ), pieces AS (
    DELETE FROM journal j USING counted c WHERE j.generation_id = c.id
  )
  -- What was erased while it was being answered stays so.
  UPDATE messages m SET reply = CASE WHEN m.erased_at IS NULL THEN c.reply ELSE '' END,
    status = c.status, failure = c.failure, ended_at = c.at
  FROM counted c WHERE m.id = c.id
$function$;
CREATE OR REPLACE FUNCTION public.ledger_shares(shares json)
 RETURNS TABLE(nth bigint, id text, account_id bigint, credits bigint)
 LANGUAGE sql
AS $function$
  SELECT * FROM json_to_recordset(shares)
    AS x (nth bigint, id text, account_id bigint, credits bigint)
$function$;
CREATE OR REPLACE FUNCTION public.transfers_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      BEGIN RAISE EXCEPTION 'rows of transfers are never changed'; END $function$;

CREATE TRIGGER audit_log_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change();
CREATE TRIGGER transfers_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfers FOR EACH STATEMENT EXECUTE FUNCTION transfers_refuse_change();
