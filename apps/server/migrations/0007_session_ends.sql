-- Tells whoever listens that a session ended: by signing out, from another device, or with its
-- account. The sync engine ends its streams. An empty payload: any may have ended.
CREATE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('sealbook_session_ended', CASE TG_OP WHEN 'TRUNCATE' THEN '' ELSE OLD.id::text END);
  RETURN NULL;
END $$;

CREATE TRIGGER auth_session_ended AFTER DELETE ON auth_session
  FOR EACH ROW EXECUTE FUNCTION tell_session_ended();
CREATE TRIGGER auth_sessions_emptied AFTER TRUNCATE ON auth_session
  FOR EACH STATEMENT EXECUTE FUNCTION tell_session_ended();
