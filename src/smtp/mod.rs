//! One SMTP session, stage by stage.
