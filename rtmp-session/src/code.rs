//! The status codes that occur on the wire. An open set: peers make up their own. See ST-2 to ST-7.

// ST-2: the connection.

/// Connect accepted.
pub const CONNECT_SUCCESS: &str = "NetConnection.Connect.Success";
/// No permission; also carries the steps of publisher authentication (AUTH-1).
pub const CONNECT_REJECTED: &str = "NetConnection.Connect.Rejected";
/// No such application.
pub const CONNECT_INVALID_APP: &str = "NetConnection.Connect.InvalidApp";
/// The attempt failed.
pub const CONNECT_FAILED: &str = "NetConnection.Connect.Failed";
/// The application or the server goes down.
pub const CONNECT_APP_SHUTDOWN: &str = "NetConnection.Connect.AppShutdown";
/// The connection ended.
pub const CONNECT_CLOSED: &str = "NetConnection.Connect.Closed";
/// Idle for too long; also spelled with a capital `O` (ST-7).
pub const CONNECT_IDLE_TIMEOUT: &str = "NetConnection.Connect.IdleTimeout";
/// The client's network changed.
pub const CONNECT_NETWORK_CHANGE: &str = "NetConnection.Connect.NetworkChange";
/// The server asks the client to connect anew (ERTMP-92).
pub const RECONNECT_REQUEST: &str = "NetConnection.Connect.ReconnectRequest";
/// No such procedure, or it failed.
pub const CALL_FAILED: &str = "NetConnection.Call.Failed";
/// A packet that cannot be decoded.
pub const CALL_BAD_VERSION: &str = "NetConnection.Call.BadVersion";
/// A refusal for security.
pub const CALL_PROHIBITED: &str = "NetConnection.Call.Prohibited";
/// The proxy is gone.
pub const PROXY_NOT_RESPONDING: &str = "NetConnection.Proxy.NotResponding";

// ST-3: publishing and recording.

/// Publishing has begun.
pub const PUBLISH_START: &str = "NetStream.Publish.Start";
/// The name is in use, or may not be published to.
pub const PUBLISH_BAD_NAME: &str = "NetStream.Publish.BadName";
/// Nothing was published for a while.
pub const PUBLISH_IDLE: &str = "NetStream.Publish.Idle";
/// The server refuses or ends publishing.
pub const PUBLISH_REJECTED: &str = "NetStream.Publish.Rejected";
/// The server refuses publishing.
pub const PUBLISH_DENIED: &str = "NetStream.Publish.Denied";
/// Publishing has ended.
pub const UNPUBLISH_SUCCESS: &str = "NetStream.Unpublish.Success";
/// Recording has begun.
pub const RECORD_START: &str = "NetStream.Record.Start";
/// Recording has ended.
pub const RECORD_STOP: &str = "NetStream.Record.Stop";
/// There is a recording of this name, being recorded or protected.
pub const RECORD_ALREADY_EXISTS: &str = "NetStream.Record.AlreadyExists";
/// The recording may not be written.
pub const RECORD_NO_ACCESS: &str = "NetStream.Record.NoAccess";
/// Recording failed.
pub const RECORD_FAILED: &str = "NetStream.Record.Failed";
/// The disk quota is used up.
pub const RECORD_DISK_QUOTA_EXCEEDED: &str = "NetStream.Record.DiskQuotaExceeded";

// ST-4: playing.

/// Playing has begun.
pub const PLAY_START: &str = "NetStream.Play.Start";
/// Playing has ended.
pub const PLAY_STOP: &str = "NetStream.Play.Stop";
/// The playlist was cleared.
pub const PLAY_RESET: &str = "NetStream.Play.Reset";
/// Switching within the playlist.
pub const PLAY_SWITCH: &str = "NetStream.Play.Switch";
/// Going over to another stream has begun.
pub const PLAY_TRANSITION: &str = "NetStream.Play.Transition";
/// Going over to another stream is done.
pub const PLAY_TRANSITION_COMPLETE: &str = "NetStream.Play.TransitionComplete";
/// Everything there is has been sent.
pub const PLAY_COMPLETE: &str = "NetStream.Play.Complete";
/// A publisher came.
pub const PLAY_PUBLISH_NOTIFY: &str = "NetStream.Play.PublishNotify";
/// The publisher left.
pub const PLAY_UNPUBLISH_NOTIFY: &str = "NetStream.Play.UnpublishNotify";
/// No such stream.
pub const PLAY_STREAM_NOT_FOUND: &str = "NetStream.Play.StreamNotFound";
/// The attempt failed.
pub const PLAY_FAILED: &str = "NetStream.Play.Failed";
/// The file is not what its name says.
pub const PLAY_FILE_STRUCTURE_INVALID: &str = "NetStream.Play.FileStructureInvalid";
/// No track of the file can be played.
pub const PLAY_NO_SUPPORTED_TRACK_FOUND: &str = "NetStream.Play.NoSupportedTrackFound";
/// The client cannot take the data in as fast as it plays.
pub const PLAY_INSUFFICIENT_BW: &str = "NetStream.Play.InsufficientBW";
/// Paused.
pub const PAUSE_NOTIFY: &str = "NetStream.Pause.Notify";
/// Playing again.
pub const UNPAUSE_NOTIFY: &str = "NetStream.Unpause.Notify";
/// Playing goes on elsewhere.
pub const SEEK_NOTIFY: &str = "NetStream.Seek.Notify";
/// This stream cannot seek.
pub const SEEK_FAILED: &str = "NetStream.Seek.Failed";
/// There is nothing at that time.
pub const SEEK_INVALID_TIME: &str = "NetStream.Seek.InvalidTime";
/// One frame was stepped.
pub const STEP_NOTIFY: &str = "NetStream.Step.Notify";
/// The client's buffer ran empty.
pub const BUFFER_EMPTY: &str = "NetStream.Buffer.Empty";
/// The client's buffer is full.
pub const BUFFER_FULL: &str = "NetStream.Buffer.Full";
/// The stream ended; the buffer plays out.
pub const BUFFER_FLUSH: &str = "NetStream.Buffer.Flush";
/// Data follows.
pub const DATA_START: &str = "NetStream.Data.Start";
/// The size of the picture changed.
pub const VIDEO_DIMENSION_CHANGE: &str = "NetStream.Video.DimensionChange";
/// A recording was deleted.
pub const CLEAR_SUCCESS: &str = "NetStream.Clear.Success";
/// A recording could not be deleted.
pub const CLEAR_FAILED: &str = "NetStream.Clear.Failed";
/// The operation failed.
pub const STREAM_FAILED: &str = "NetStream.Failed";
/// An argument means nothing.
pub const STREAM_INVALID_ARG: &str = "NetStream.InvalidArg";
/// A peer-to-peer stream was connected.
pub const STREAM_CONNECT_SUCCESS: &str = "NetStream.Connect.Success";
/// A peer-to-peer stream was closed.
pub const STREAM_CONNECT_CLOSED: &str = "NetStream.Connect.Closed";
/// A peer-to-peer stream could not be connected.
pub const STREAM_CONNECT_FAILED: &str = "NetStream.Connect.Failed";
/// A peer-to-peer stream was refused.
pub const STREAM_CONNECT_REJECTED: &str = "NetStream.Connect.Rejected";
/// A multicast stream was reset.
pub const MULTICAST_STREAM_RESET: &str = "NetStream.MulticastStream.Reset";

// ST-5: shared objects.

/// The object was saved.
pub const SHARED_OBJECT_FLUSH_SUCCESS: &str = "SharedObject.Flush.Success";
/// The object could not be saved.
pub const SHARED_OBJECT_FLUSH_FAILED: &str = "SharedObject.Flush.Failed";
/// The object exists with another persistence.
pub const SHARED_OBJECT_BAD_PERSISTENCE: &str = "SharedObject.BadPersistence";
/// The object exists under another URI.
pub const SHARED_OBJECT_URI_MISMATCH: &str = "SharedObject.UriMismatch";
/// The object may not be read.
pub const SHARED_OBJECT_NO_READ_ACCESS: &str = "SharedObject.NoReadAccess";
/// The object may not be written.
pub const SHARED_OBJECT_NO_WRITE_ACCESS: &str = "SharedObject.NoWriteAccess";
/// The object could not be made.
pub const SHARED_OBJECT_OBJECT_CREATION_FAILED: &str = "SharedObject.ObjectCreationFailed";

// ST-6: scripts of the server.

/// A script failed.
pub const APPLICATION_SCRIPT_ERROR: &str = "Application.Script.Error";
/// A script warns.
pub const APPLICATION_SCRIPT_WARNING: &str = "Application.Script.Warning";
/// Memory runs short.
pub const APPLICATION_RESOURCE_LOW_MEMORY: &str = "Application.Resource.LowMemory";
/// The application goes down.
pub const APPLICATION_SHUTDOWN: &str = "Application.Shutdown";
/// The application is collected as garbage.
pub const APPLICATION_GC: &str = "Application.GC";
