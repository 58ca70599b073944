//! The body of a video Metadata packet, and the one thing defined for it: colour.

use crate::FlvEncodeError;
use alloc::vec::Vec;
use bytes::BufMut;
use rtmp_amf::{AmfError, AmfLimits, Object, Value, amf0};

/// The names and values of a video [`PacketKind::Metadata`](crate::PacketKind::Metadata) packet. See ERTMP-59.
///
/// ```
/// use rtmp_flv::{VideoHeader, VideoMetadata, amf::AmfLimits};
///
/// let payload = b"\xd4hvc1\x02\0\x09colorInfo\x06";
/// let header = VideoHeader::parse(payload)?;
/// let metadata = VideoMetadata::parse(&payload[header.body..], &AmfLimits::default())?;
/// assert!(metadata.color_info().unwrap().is_reset());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoMetadata {
    /// The pairs in order. Names other than `colorInfo` are not defined: to be ignored, and to be passed on (ERTMP-61).
    pub properties: Object,
}

impl VideoMetadata {
    /// Reads the body of a packet. What is cut at the end is left out.
    ///
    /// # Errors
    /// [`AmfError`] if there is a body and not one pair of a name and a value in it.
    pub fn parse(body: &[u8], limits: &AmfLimits) -> Result<Self, AmfError> {
        let mut decoder = amf0::Decoder::new(body, limits);
        let mut properties = Object::new();
        loop {
            match Self::pair(&mut decoder) {
                Ok(Some((name, value))) => properties.push(name.as_str().unwrap_or_default(), value),
                Ok(None) => break,
                Err(error) if properties.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(Self { properties })
    }

    fn pair(decoder: &mut amf0::Decoder<'_>) -> Result<Option<(Value, Value)>, AmfError> {
        let Some(name) = decoder.next_value()? else { return Ok(None) };
        Ok(decoder.next_value()?.map(|value| (name, value)))
    }

    /// A packet body that says this about colour.
    pub fn from_color_info(color: &ColorInfo) -> Self {
        Self { properties: Object::new().with(COLOR_INFO, color.to_value()) }
    }

    /// What the packet says about colour, `None` if nothing. It replaces what an earlier packet said (ERTMP-62).
    pub fn color_info(&self) -> Option<ColorInfo> {
        self.properties.get(COLOR_INFO).map(ColorInfo::from_value)
    }

    /// Appends the body of a packet to `out`.
    ///
    /// # Errors
    /// [`FlvEncodeError::Amf`] if AMF cannot carry a value.
    pub fn encode(&self, out: &mut impl BufMut) -> Result<(), FlvEncodeError> {
        for (name, value) in self.properties.iter() {
            amf0::encode(&Value::String(name.clone()), out)?;
            amf0::encode(value, out)?;
        }
        Ok(())
    }
}

const COLOR_INFO: &str = "colorInfo";

/// How the colours of what follows are meant. All properties are optional. See ERTMP-64.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ColorInfo {
    /// 8, 10 or 12.
    pub bit_depth: Option<f64>,
    /// ITU-T H.273 ColourPrimaries, 0 to 255.
    pub color_primaries: Option<f64>,
    /// ITU-T H.273 TransferCharacteristics, 0 to 255.
    pub transfer_characteristics: Option<f64>,
    /// ITU-T H.273 MatrixCoefficients, 0 to 255.
    pub matrix_coefficients: Option<f64>,
    /// Largest frame average light level, in cd/m².
    pub max_fall: Option<f64>,
    /// Largest content light level, in cd/m².
    pub max_cll: Option<f64>,
    /// Mastering display: red, x.
    pub red_x: Option<f64>,
    /// Mastering display: red, y.
    pub red_y: Option<f64>,
    /// Mastering display: green, x.
    pub green_x: Option<f64>,
    /// Mastering display: green, y.
    pub green_y: Option<f64>,
    /// Mastering display: blue, x.
    pub blue_x: Option<f64>,
    /// Mastering display: blue, y.
    pub blue_y: Option<f64>,
    /// Mastering display: white point, x.
    pub white_point_x: Option<f64>,
    /// Mastering display: white point, y.
    pub white_point_y: Option<f64>,
    /// Mastering display: largest luminance, in cd/m².
    pub max_luminance: Option<f64>,
    /// Mastering display: smallest luminance, in cd/m².
    pub min_luminance: Option<f64>,
}

/// Where a property stands, and its range.
struct Property {
    group: &'static str,
    name: &'static str,
    range: (f64, f64),
    get: fn(&mut ColorInfo) -> &mut Option<f64>,
}

const PROPERTIES: [Property; 16] = {
    const fn property(
        group: &'static str,
        name: &'static str,
        range: (f64, f64),
        get: fn(&mut ColorInfo) -> &mut Option<f64>,
    ) -> Property {
        Property { group, name, range, get }
    }
    const CODE: (f64, f64) = (0.0, 255.0);
    const LEVEL: (f64, f64) = (0.0001, 10_000.0);
    const X: (f64, f64) = (0.0001, 0.74);
    const Y: (f64, f64) = (0.0001, 0.84);
    [
        property("colorConfig", "bitDepth", (8.0, 12.0), |c| &mut c.bit_depth),
        property("colorConfig", "colorPrimaries", CODE, |c| &mut c.color_primaries),
        property("colorConfig", "transferCharacteristics", CODE, |c| &mut c.transfer_characteristics),
        property("colorConfig", "matrixCoefficients", CODE, |c| &mut c.matrix_coefficients),
        property("hdrCll", "maxFall", LEVEL, |c| &mut c.max_fall),
        property("hdrCll", "maxCLL", LEVEL, |c| &mut c.max_cll),
        property("hdrMdcv", "redX", X, |c| &mut c.red_x),
        property("hdrMdcv", "redY", Y, |c| &mut c.red_y),
        property("hdrMdcv", "greenX", X, |c| &mut c.green_x),
        property("hdrMdcv", "greenY", Y, |c| &mut c.green_y),
        property("hdrMdcv", "blueX", X, |c| &mut c.blue_x),
        property("hdrMdcv", "blueY", Y, |c| &mut c.blue_y),
        property("hdrMdcv", "whitePointX", X, |c| &mut c.white_point_x),
        property("hdrMdcv", "whitePointY", Y, |c| &mut c.white_point_y),
        property("hdrMdcv", "maxLuminance", (5.0, 10_000.0), |c| &mut c.max_luminance),
        property("hdrMdcv", "minLuminance", (0.0001, 5.0), |c| &mut c.min_luminance),
    ]
};

impl ColorInfo {
    /// The view of a `colorInfo` value. A property of another type than number is absent (ERTMP-65).
    pub fn from_value(value: &Value) -> Self {
        let mut color = Self::default();
        for property in &PROPERTIES {
            *(property.get)(&mut color) = value[property.group][property.name].as_f64();
        }
        color
    }

    /// The `colorInfo` value: an object of objects, or undefined for a reset (ERTMP-62).
    pub fn to_value(&self) -> Value {
        let mut color = *self;
        let mut object = Object::new();
        for property in &PROPERTIES {
            let Some(number) = *(property.get)(&mut color) else { continue };
            match object.get_mut(property.group) {
                Some(Value::Object(group)) => group.push(property.name, number),
                _ => object.push(property.group, Object::new().with(property.name, number)),
            }
        }
        if object.is_empty() { Value::Undefined } else { object.into() }
    }

    /// Whether this says nothing, which takes back what was said before. See ERTMP-62.
    pub fn is_reset(&self) -> bool {
        *self == Self::default()
    }

    /// Names of the properties whose values are outside of their range; they are passed on all the same. See ERTMP-65.
    pub fn out_of_range(&self) -> Vec<&'static str> {
        let mut color = *self;
        let outside = |property: &&Property| {
            let (low, high) = property.range;
            (property.get)(&mut color).is_some_and(|number| !(low..=high).contains(&number))
        };
        PROPERTIES.iter().filter(outside).map(|property| property.name).collect()
    }
}
